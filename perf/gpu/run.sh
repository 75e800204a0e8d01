#!/usr/bin/env bash
# Everything that is to be known of a card, as files of JSON: see README.md.
#   run.sh INRFAST FOLDER [DEVICE]
# INRFAST: the published program; DEVICE: cuda unless told (cpu: a rehearsal of the script itself).
set -uo pipefail
inrfast=$1 out=$2 device=${3:-cuda}
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$out/fits"
export XDG_CACHE_HOME=$out/cache # kernels are compiled here first, so that cold starts are cold
precisions=float32
batch=262144 limits="0.5 1 5"
if [ "$device" != cpu ]; then precisions="float32 half"; else batch=4096 limits=0.5; fi
say() { echo "== $*" >&2; }

say devices
"$inrfast" devices --json "$out/devices.json" -f
python3 "$here/image.py" "$out/image.npy"

for precision in $precisions; do
  say "$precision: cold and warm start, the same bytes twice"
  for run in cold warm; do
    "$inrfast" fit "$out/image.npy" -o "$out/fits/$precision-$run.safetensors" --device "$device" --precision $precision --iterations 20 --json "$out/fits/$precision-$run.json" -q -f
  done
  cmp "$out/fits/$precision-cold.safetensors" "$out/fits/$precision-warm.safetensors" && echo same > "$out/fits/$precision-bytes.txt"
done
for precision in $precisions; do
  say "$precision: selftest"
  "$inrfast" selftest --device "$device" --precision $precision --json "$out/selftest-$precision.json" -f
  say "$precision: bench"
  for model in siren-64 siren-256 relu-64x5 grid-2d; do
    "$inrfast" bench --device "$device" --precision $precision --model $model --batch $batch --json "$out/bench-$precision-$model.json" -f
  done
  say "$precision: quality over time"
  for limit in $limits; do
    "$inrfast" fit "$out/image.npy" -o "$out/fits/$precision-$limit.safetensors" --device "$device" --precision $precision --time-limit $limit --json "$out/fits/$precision-$limit-seconds.json" -q -f
  done
done

if command -v ptxas > /dev/null && [ -d "$out/cache" ]; then
  say ptxas
  arch=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader | head -1 | tr -d .)
  for kernel in "$out"/cache/inrfast/kernels/*.ptx; do # two lines of ours come first
    tail -n +3 "$kernel" > "$out/kernel.ptx"
    sed -n 2p "$kernel"
    ptxas -arch=sm_$arch -v "$out/kernel.ptx" -o /dev/null 2>&1 | grep -E 'spill|registers|error'
  done > "$out/ptxas.txt"
fi
if python3 -c 'import torch' 2> /dev/null; then
  say PyTorch
  python3 "$here/torch_fits.py" $batch > "$out/torch.jsonl"
fi
python3 "$here/table.py" "$out"
