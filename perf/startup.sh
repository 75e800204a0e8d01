#!/usr/bin/env bash
# How long the command takes to start: perf/startup.sh PROGRAM... (such as src/Cli/bin/Release/net10.0/inrfast, a published file), in turn.
# Fastest and median wall time of 20 runs in ms; /bin/true is what the system takes for any process.
set -eu -o pipefail
sample=$(dirname "$0")/../samples/ct.dcm
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

once() { # FILE COMMAND...: appends the microseconds that the command takes
    local file=$1 begin=${EPOCHREALTIME/./}
    "${@:2}" >/dev/null
    echo $((${EPOCHREALTIME/./} - begin)) >> "$work/$file"
}

for _ in {1..20}; do
    once "system" /bin/true
    for program in "$@"; do
        name=${program//\//+}
        once "$name --version" "$program" --version
        once "$name info" "$program" info "$sample"
        once "$name fit of one iteration" "$program" fit "$sample" -o "$work/fit.safetensors" -f -q --iterations 1
        # The clock of --json starts once the command line is read, so --version, load and setup together lead to the first iteration.
        "$program" fit "$sample" -o "$work/fit.safetensors" -f -q --iterations 1 --json - |
            awk -F'[:,]' '/"(load|setup)": [0-9]/ { s += $2 } END { printf "%d\n", 1e6 * s }' >> "$work/$name fit: load and setup"
    done
done

for file in "$work"/*; do
    [ "$file" = "$work/fit.safetensors" ] && continue
    sort -n "$file" | awk -v what="$(basename "$file")" '{ t[NR] = $1 / 1e3 } END { gsub(/\+/, "/", what); printf "%7.1f %7.1f  %s\n", t[1], t[int((NR + 1) / 2)], what }'
done
