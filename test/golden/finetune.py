"""Makes finetune.json: two epochs of PyTorch training a small ResNet and its head on posters of noise.

pip install torch==2.13.0 torchvision==0.28.0 numpy
python test/golden/finetune.py

Weights, posters and the order of films are drawn on both sides by the same generators (lib/src/random.ts is numpy's), and
of each tensor only its norm, a projection and four samples are kept: of a parameter, those of how far it moved. PyTorch
computes in float64, so that all rounding is the other side's.
"""

import json
import math
from collections import OrderedDict
from copy import deepcopy
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torchvision.models.resnet import Bottleneck, ResNet

SIDE, TRAIN, VALIDATION, BATCH, EPOCHS, SEED = 32, 20, 7, 8, 2, 5
RATE, DECAY = 1e-3, 0.05
torch.set_num_threads(2)


def uniform(seed, shape, low, high):
    values = np.random.default_rng(seed).uniform(low, high, math.prod(shape)).astype(np.float32)
    return torch.from_numpy(values).double().reshape(shape)


def bounds(name, shape):
    """Filters of He's variance, and batch norms mostly below zero: where no ReLU cuts, the next batch norm takes an offset away, its
    gradient is rounding, and AdamW makes a whole step of it."""
    if len(shape) > 1:
        bound = math.sqrt(6 / math.prod(shape[1:]))
        return -bound, bound
    if name.startswith("head"):
        return -1, 1
    return {"weight": (0.5, 1), "bias": (-1.5, 0), "running_var": (0.5, 1.5), "running_mean": (-0.2, 0.2)}[
        name.split(".")[-1]
    ]


def network():
    """The stem and two stages of one bottleneck, 64 features; a head of one hidden layer."""
    whole = ResNet(Bottleneck, [1, 1, 1, 1], num_classes=1)
    whole.inplanes = 8
    backbone = OrderedDict(conv1=nn.Conv2d(3, 8, 7, 2, 3, bias=False), bn1=nn.BatchNorm2d(8))
    backbone.update(relu=whole.relu, maxpool=whole.maxpool)
    backbone.update(layer1=whole._make_layer(Bottleneck, 8, 1), layer2=whole._make_layer(Bottleneck, 16, 1, stride=2))
    head = nn.ModuleList([nn.Linear(64, 5), nn.Linear(5, 1)])
    model = nn.ModuleDict({"backbone": nn.Sequential(backbone), "head": head}).double()
    state = {name: tensor for name, tensor in model.state_dict().items() if tensor.is_floating_point()}
    with torch.no_grad():
        for i, (name, tensor) in enumerate(sorted(state.items())):
            tensor.copy_(uniform([SEED, i], tuple(tensor.shape), *bounds(name, tensor.shape)))
    return model


def forward(model, pixels):
    features = model["backbone"](pixels).mean((2, 3))
    return model["head"][1](torch.relu(model["head"][0](features))).flatten()


def posters(count):
    """Noise, scaled as torchvision scales."""
    i = np.arange(count * SIDE * SIDE * 3, dtype=np.int64)
    values = ((i ^ (i >> 7)) * 2654435761 & 0xFFFFFFFF) >> 24
    pixels = torch.from_numpy(values).double().reshape(count, SIDE, SIDE, 3) / 255
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    return ((pixels - mean) / std).permute(0, 3, 1, 2)


def digest(tensor):
    """Norm, projection on a fixed pattern, and four samples, in PyTorch's layout."""
    values = tensor.detach().flatten().numpy()
    pattern = (np.arange(values.size) * 7919 % 101 - 50) / 64
    samples = values[np.arange(4) * values.size // 4]
    return [float(f"{number:.7g}") for number in [np.linalg.norm(values), values @ pattern, *samples]]


def run(frozen=(), freeze_norm=False, backbone_rate=1.0, parts=1, averaging=0.0, weighted=False, clip=0.0, l1=0.0):
    model = network()
    start = deepcopy(model.state_dict())
    pixels = posters(TRAIN + VALIDATION)
    targets = uniform([SEED, 100], (TRAIN + VALIDATION,), 7, 9)
    weights = uniform([SEED, 101], (TRAIN,), 0.5, 1.5) if weighted else torch.ones(TRAIN).double()
    still = [module for name, module in model["backbone"].named_children() if name in frozen]
    for module in still:
        module.requires_grad_(False)
    groups = [
        {"params": [p for p in model["backbone"].parameters() if p.requires_grad], "lr": RATE * backbone_rate},
        {"params": model["head"].parameters(), "lr": RATE},
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=DECAY)
    averaged, step, epochs = deepcopy(model), 0, []
    for epoch in range(1, EPOCHS + 1):
        model.train()
        for module in model["backbone"].modules() if freeze_norm else still:
            module.eval()
        losses = 0.0
        for rows in np.split(np.random.default_rng([SEED, 3, epoch]).permutation(TRAIN), range(BATCH, TRAIN, BATCH)):
            optimizer.zero_grad()
            # at most 8 / parts films at once, in parts as equal as they can be
            count = math.ceil(len(rows) / (BATCH // parts))
            for part in range(count):
                own = torch.from_numpy(rows[part * len(rows) // count : (part + 1) * len(rows) // count])
                errors = weights[own] * (forward(model, pixels[own]) - targets[own]) ** 2
                loss = errors.sum() / len(rows)
                losses += loss.item() * len(rows)
                loss.backward()
            learnt = [p for p in model.parameters() if p.requires_grad]
            for parameter in learnt:
                parameter.grad += l1 * parameter.detach().sign()
            if clip:
                nn.utils.clip_grad_norm_(learnt, clip)
            optimizer.step()
            step += 1
            decay = min(averaging, (1 + step) / (10 + step))
            with torch.no_grad():
                for kept, now in zip(averaged.parameters(), model.parameters()):
                    kept += (now - kept) * (1 - decay)
                for kept, now in zip(averaged.buffers(), model.buffers()):
                    kept.copy_(now)
        with torch.no_grad():
            errors = forward(averaged.eval(), pixels[TRAIN:]) - targets[TRAIN:]
        epochs.append([losses / TRAIN, (errors**2).mean().item()])
    moved = {name: digest(tensor - start[name]) for name, tensor in model.state_dict().items() if "num" not in name}
    kept = {name: digest(tensor - start[name]) for name, tensor in averaged.state_dict().items() if "num" not in name}
    return {"epochs": epochs, "moved": moved, **({"averaged": kept} if averaging else {})}


def main():
    golden = {
        "whole": run(),
        "in parts": run(parts=2),
        "frozen": run(frozen=("conv1", "bn1", "layer1"), backbone_rate=0.5),
        "running": run(freeze_norm=True, weighted=True, clip=0.5, l1=1e-3),
        "averaged": run(averaging=0.9),
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")


main()
