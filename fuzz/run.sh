#!/usr/bin/env bash
# Coverage-guided fuzzing of one parser, or of each in turn: fuzz/run.sh PARSER|all SECONDS. Needs afl++ (Debian: apt install afl++).
set -eu -o pipefail
cd "$(dirname "$0")"
[ $# = 2 ] || { echo "usage: fuzz/run.sh PARSER|all SECONDS (of each)"; exit 64; }
command -v afl-fuzz >/dev/null || { echo "afl-fuzz is not there; apt install afl++"; exit 69; }
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
export AFL_SKIP_BIN_CHECK=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_NO_UI=1
# Parsers that read by path are given files in memory.
TMPDIR=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo /tmp)")
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT

bin=../out/fuzz/bin
if [ "${FUZZ_NO_BUILD:-}" = "" ]; then
    rm -rf "$bin"
    dotnet build -c Release -o "$bin" -v quiet
    dotnet tool restore >/dev/null
    # What is ours, and what others decode for us. The entry assembly must stay as it is.
    for library in InrFast.Imaging InrFast.Models InrFast.Tasks inrfast JpegLibrary PureHDF; do
        dotnet sharpfuzz "$bin/$library.dll"
    done
fi
dotnet=$(command -v dotnet)

fuzz() {
    local parser=$1 work=../out/fuzz/$1
    mkdir -p "$work/seeds"
    dotnet "$bin/InrFast.Fuzz.dll" "$parser" --seeds "$work/seeds"
    dotnet "$bin/InrFast.Fuzz.dll" "$parser" --dictionary "$work/words"
    # A second call goes on where the first one stopped.
    local from="$work/seeds"
    [ -d "$work/found/default/queue" ] && from=-
    afl-fuzz -i "$from" -o "$work/found" -m none -t 4000 -V "$2" -x "$work/words" -- "$dotnet" "$bin/InrFast.Fuzz.dll" "$parser" >"$work/log" 2>&1 || { tail -n 5 "$work/log"; return 1; }
    grep -E '^(execs_done|execs_per_sec|corpus_count|corpus_found|saved_crashes|saved_hangs|edges_found) ' "$work/found/default/fuzzer_stats" | awk -v p="$parser" '{ printf "%s%s %s", NR == 1 ? p ": " : ", ", $1, $3 } END { print "" }'
    for input in "$work"/found/default/crashes/id* "$work"/found/default/hangs/id*; do
        [ ! -f "$input" ] || dotnet "$bin/InrFast.Fuzz.dll" "$parser" --try "$input" || echo "$input: the process died"
    done
}

if [ "$1" = all ]; then
    for parser in $(dotnet "$bin/InrFast.Fuzz.dll" 2>&1 | sed 's/.*one of //'); do fuzz "$parser" "$2"; done
else
    fuzz "$1" "$2"
fi
