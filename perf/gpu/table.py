"""What run.sh found, as one JSON file and a table: table.py FOLDER."""
import json
import pathlib
import re
import sys

folder = pathlib.Path(sys.argv[1])

# Data sheets: dense 16-bit matrix units, float32 outside them (10^12 operations a second), memory (10^9 bytes a second).
CEILINGS = {"H100 80GB HBM3": (989, 67, 3350), "H100 PCIe": (756, 51, 2000), "H200": (989, 67, 4800), "A100-SXM4-80GB": (312, 19.5, 2039)}


def load(name):
    file = folder / name
    return json.loads(file.read_text()) if file.exists() and file.stat().st_size else None


def ceiling(device):
    return next((c for name, c in CEILINGS.items() if name in device), (None, None, None))


result = {"devices": load("devices.json"), "selftest": {}, "bench": [], "fits": {}, "torch": [], "ptxas": []}
for precision in ["float32", "half"]:
    if (test := load(f"selftest-{precision}.json")) is not None:
        parts = test["selfTest"]
        result["selftest"][precision] = {"parts": len(parts), "failed": [p["name"] for p in parts if not p["passed"]]}
    for file in sorted(folder.glob(f"bench-{precision}-*.json")):
        bench = json.loads(file.read_text())
        matrix, scalar, _ = ceiling(bench["device"])
        top = matrix if precision == "half" else scalar
        for model in bench["bench"]["models"]:
            for kind in ["training", "inference", "derivatives"]:
                flops = model[kind]["gigaflopsPerSecond"] * 1e-3
                result["bench"].append({"model": model["model"], "precision": precision, "kind": kind, "rows": model["batchRows"], "rowsPerSecond": model[kind]["rowsPerSecond"],
                                        "teraflopsPerSecond": flops, "shareOfCeiling": flops / top if top and kind != "derivatives" else None, "hostMicroseconds": model[kind].get("hostMicroseconds")})
    for file in sorted((folder / "fits").glob(f"{precision}-*.json")):
        fit = json.loads(file.read_text())
        result["fits"][file.stem] = {"psnr": fit.get("metrics", {}).get("psnr"), "iterations": fit.get("iterations"), "seconds": fit["seconds"]}
    if (folder / "fits" / f"{precision}-cold.safetensors").exists():
        result["fits"][f"{precision}-repeats"] = (folder / "fits" / f"{precision}-bytes.txt").exists()
if (folder / "torch.jsonl").exists():
    result["torch"] = [json.loads(line) for line in (folder / "torch.jsonl").read_text().splitlines()]
if (folder / "ptxas.txt").exists():
    name = None
    for line in (folder / "ptxas.txt").read_text().splitlines():
        if not line.startswith(("ptxas", " ")):
            name = line
        elif (spill := re.search(r"(\d+) bytes spill stores", line)) is not None:
            result["ptxas"].append({"kernel": name, "spillBytes": int(spill.group(1))})
        elif (used := re.search(r"Used (\d+) registers", line)) is not None:
            result["ptxas"][-1]["registers"] = int(used.group(1))
        elif "error" in line:
            result["ptxas"].append({"kernel": name, "error": line})
(folder / "result.json").write_text(json.dumps(result, indent=1))

print("| model | precision | | million rows/s | Tflop/s | of the ceiling | host us/step |\n| --- | --- | --- | --- | --- | --- | --- |")
for b in result["bench"]:
    share, host = b["shareOfCeiling"], b["hostMicroseconds"]
    print(f"| {b['model']} | {b['precision']} | {b['kind']} | {b['rowsPerSecond'] * 1e-6:.1f} | {b['teraflopsPerSecond']:.1f} | {'' if share is None else f'{100 * share:.0f} %'} | {'' if host is None else f'{host:.0f}'} |")
for t in result["torch"]:
    print(f"| PyTorch: {t['model']} | {t['precision']}{', compiled' if t['compiled'] else ''} | training | {t['rowsPerSecond'] * 1e-6:.1f} | {t['teraflopsPerSecond']:.1f} | | |")
for name, fit in result["fits"].items():
    print(f"{name}: {fit}")
for precision, test in result["selftest"].items():
    print(f"selftest {precision}: {test['parts']} parts, failed: {test['failed'] or 'none'}")
spilled = [k for k in result["ptxas"] if k.get("spillBytes") or "error" in k]
print(f"ptxas: {len(result['ptxas'])} kernels, spilled or refused: {spilled or 'none'}")
