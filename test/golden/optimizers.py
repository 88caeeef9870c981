"""Makes optimizers.json: 50 steps of PyTorch's optimizers, with their schedules, clipping and an L1 penalty.

pip install torch==2.13.0 numpy
python test/golden/optimizers.py
"""

import json
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, ReduceLROnPlateau, SequentialLR

HERE = Path(__file__).parent
STEPS = 50
torch.set_num_threads(1)


def pattern(size, period, scale):
    """The same numbers in any language: multiples of 1/64, exact in float32."""
    return (np.arange(size) * 7919 % period - period // 2).astype(np.float32) * scale / 64


def gradient(shape, step):
    """Changes its size and its sign, exactly in float32."""
    size = int(np.prod(shape))
    return torch.from_numpy(pattern(size, 11 + step % 7, 2.0) * ((step * 5 % 9 - 3.5) / 4)).reshape(shape)


def trace(make, schedule=None, clip=0.0, l1=0.0):
    """Rates, norms and parameters of 50 steps; `a` is the backbone's group, `b` the head's."""
    parameters = {
        "a": nn.Parameter(torch.from_numpy(pattern(6, 13, 4.0)).reshape(2, 3)),
        "b": nn.Parameter(torch.from_numpy(pattern(2, 13, 8.0))),
    }
    optimizer = make(parameters)
    scheduler = schedule(optimizer) if schedule else None
    result = {"rates": [], "norms": [], "parameters": []}
    for step in range(STEPS):
        optimizer.zero_grad()
        # the gradient of Σ g · p is g
        loss = sum((gradient(p.shape, step) * p).sum() for p in parameters.values())
        if l1:
            loss = loss + l1 * sum(p.abs().sum() for p in parameters.values())
        loss.backward()
        if clip:
            result["norms"].append(nn.utils.clip_grad_norm_(parameters.values(), clip).item())
        result["rates"].append([group["lr"] for group in optimizer.param_groups])
        optimizer.step()
        if scheduler:
            scheduler.step()
        result["parameters"].append([float(f"{v:.9g}") for p in parameters.values() for v in p.flatten().tolist()])
    return result


def cosine(warmup, steps, end=0.0):
    """From a warmup-th of the rate up in a line, then half a cosine down."""

    def schedule(optimizer):
        rise = LinearLR(optimizer, start_factor=1 / warmup, total_iters=warmup)
        fall = CosineAnnealingLR(optimizer, T_max=steps - warmup, eta_min=end)
        return SequentialLR(optimizer, [rise, fall], milestones=[warmup])

    return schedule


def groups(parameters):
    return [{"params": [parameters["a"]], "lr": 0.005}, {"params": [parameters["b"]], "lr": 0.05}]


def main():
    golden = {
        "adamw": trace(lambda p: torch.optim.AdamW(p.values(), lr=0.05, weight_decay=0.1)),
        "adamw groups": trace(lambda p: torch.optim.AdamW(groups(p), weight_decay=0.01), cosine(10, 50), 0.2, 0.02),
        "sgd": trace(lambda p: torch.optim.SGD(p.values(), lr=0.02)),
        "sgd momentum": trace(
            lambda p: torch.optim.SGD(p.values(), lr=0.02, momentum=0.9, weight_decay=0.01), cosine(5, 50, 0.002), 0.2
        ),
    }
    (HERE / "optimizers.json").write_text(json.dumps(golden) + "\n")


main()
