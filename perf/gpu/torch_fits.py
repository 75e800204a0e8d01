"""The fits of `inrfast bench` in PyTorch on one card: rows per second of a training step, one JSON line each. Only torch is needed.

    python3 torch_fits.py [rows of a batch] > torch.jsonl
"""
import json
import math
import sys
import time

import torch
from torch import nn

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 1 << 18
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
SECONDS = 1.0 if DEVICE == "cuda" else 0.2


class Sine(nn.Module):
    def forward(self, x):
        return torch.sin(30 * x)


def siren(width, hidden=3):
    """Sitzmann 2020: first layer and `hidden` more, omega 30."""
    layers, inputs = [], 2
    for i in range(hidden + 1):
        linear = nn.Linear(inputs, width)
        bound = 1 / inputs if i == 0 else math.sqrt(6 / inputs) / 30
        nn.init.uniform_(linear.weight, -bound, bound)
        layers += [linear, Sine()]
        inputs = width
    last = nn.Linear(width, 1)
    nn.init.uniform_(last.weight, -math.sqrt(6 / width) / 30, math.sqrt(6 / width) / 30)
    return nn.Sequential(*layers, last)


def relu(width, hidden):
    layers, inputs = [], 2
    for _ in range(hidden):
        layers += [nn.Linear(inputs, width), nn.ReLU()]
        inputs = width
    return nn.Sequential(*layers, nn.Linear(width, 1))


def flops(model):
    """Of a training step in the dense layers, a row: forward, gradients of inputs (but of the coordinates) and of weights."""
    linear = [m for m in model.modules() if isinstance(m, nn.Linear)]
    return sum(2 * m.in_features * m.out_features * (3 if i else 2) for i, m in enumerate(linear))


def measure(name, build, precision, compiled, penalty=False):
    torch.manual_seed(0)
    torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
    model = build().to(DEVICE)
    optimizer = torch.optim.Adam(model.parameters(), 1e-4, fused=DEVICE == "cuda")
    x = (2 * torch.rand(ROWS, 2, device=DEVICE) - 1).requires_grad_(penalty)
    target = torch.rand(ROWS, 1, device=DEVICE)

    def loss_of():
        with torch.autocast(DEVICE, torch.bfloat16, enabled=precision == "bf16"):
            y = model(x)
        loss = nn.functional.mse_loss(y.float(), target)
        if penalty:
            (jacobian,) = torch.autograd.grad(y.sum(), x, create_graph=True)
            loss = loss + jacobian.square().mean()
        return loss

    call = torch.compile(loss_of) if compiled else loss_of

    def step():
        optimizer.zero_grad(set_to_none=True)
        call().backward()
        optimizer.step()

    def wait():
        if DEVICE == "cuda":
            torch.cuda.synchronize()

    for _ in range(3):
        step()
    wait()
    best, start = math.inf, time.perf_counter()
    while time.perf_counter() - start < SECONDS:
        begin = time.perf_counter()
        for _ in range(5):
            step()
        wait()
        best = min(best, (time.perf_counter() - begin) / 5)
    print(json.dumps({"model": name, "precision": precision, "compiled": compiled, "rows": ROWS, "milliseconds": 1e3 * best, "rowsPerSecond": ROWS / best,
                      "teraflopsPerSecond": flops(model) * ROWS / best * 1e-12, "torch": torch.__version__, "device": torch.cuda.get_device_name() if DEVICE == "cuda" else "cpu"}), flush=True)


for name, build in {"siren-256": lambda: siren(256), "siren-64": lambda: siren(64), "relu-64x5": lambda: relu(64, 5)}.items():
    for precision in ["fp32", "tf32", "bf16"]:
        for compiled in [False, True]:
            measure(name, build, precision, compiled)
measure("siren-256 with a Jacobian penalty", lambda: siren(256), "fp32", False, penalty=True)
