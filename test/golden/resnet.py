"""Makes resnet.json: what PyTorch computes of backbones in inference and in one training step.

pip install torch==2.13.0 torchvision==0.28.0 numpy efficientnet-lite-pytorch
python test/golden/resnet.py

Weights and pixels are drawn on both sides by numpy's generator (lib/src/random.ts), and of each tensor only its norm, a
projection and four samples are kept. PyTorch computes in float64, so that all rounding is the other side's.
"""

import json
import math
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
from efficientnet_lite_pytorch import EfficientNet
from torch import nn
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet

HERE = Path(__file__).parent
torch.set_num_threads(2)


def uniform(seed, shape, low, high):
    values = np.random.default_rng(seed).uniform(low, high, math.prod(shape)).astype(np.float32)
    return torch.from_numpy(values).double().reshape(shape)


def bounds(name, shape):
    """Filters of He's variance, and batch norms that are not the identity.

    Their offsets lie above zero, for where a ReLU's input is nearly zero, rounding decides the gradient: with offsets
    around zero PyTorch's own float32 gradients of a ResNet50 are 5 % from its float64 ones, with these 0.01 %.
    """
    if len(shape) == 4:
        bound = math.sqrt(6 / math.prod(shape[1:]))
        return -bound, bound
    return {"weight": (0.5, 1), "bias": (0, 2), "running_var": (0.5, 1.5), "running_mean": (-0.2, 0.2)}[
        name.split(".")[-1]
    ]


def fill(model):
    """Draws every tensor of a backbone, in the order of their names."""
    state = {name: tensor for name, tensor in model.state_dict().items() if tensor.is_floating_point()}
    for i, (name, tensor) in enumerate(sorted(state.items())):
        tensor.copy_(uniform([7, i], tuple(tensor.shape), *bounds(name, tensor.shape)))
    return model


def digest(tensor):
    """Norm, projection on a fixed pattern, and four samples, in PyTorch's layout."""
    values = tensor.detach().flatten().numpy()
    pattern = (np.arange(values.size) * 7919 % 101 - 50) / 64
    samples = values[np.arange(4) * values.size // 4]
    return [float(f"{number:.7g}") for number in [np.linalg.norm(values), values @ pattern, *samples]]


def resnet(block, depths, width=64):
    """A torchvision ResNet without its last layer, and with as many channels as told."""
    whole = ResNet(block, [1, 1, 1, 1], num_classes=1)
    whole.inplanes = width
    stem = {"conv1": nn.Conv2d(3, width, 7, 2, 3, bias=False), "bn1": nn.BatchNorm2d(width)}
    layers = {
        f"layer{stage + 1}": whole._make_layer(block, width * 2**stage, depth, stride=1 if stage == 0 else 2)
        for stage, depth in enumerate(depths)
    }
    return nn.Sequential(OrderedDict({**stem, "relu": whole.relu, "maxpool": whole.maxpool, **layers}))


def lite0():
    """EfficientNet-Lite0 without its last layer and without dropping blocks at random."""
    model = EfficientNet.from_name("efficientnet-lite0")
    del model._fc
    model._global_params = model._global_params._replace(drop_connect_rate=0)
    model.forward = model.extract_features
    return model


def run(model, batch, side):
    model = model.double()
    with torch.no_grad():
        fill(model)
    pixels = uniform([8], (batch, side, side, 3), -2, 2).permute(0, 3, 1, 2)
    with torch.no_grad():
        features = model.eval()(pixels).mean((2, 3))
    target = uniform([9], tuple(features.shape), -1, 1)
    running = step(model, pixels, target)
    return {"features": digest(features), "running": running, "batch": step(model.train(), pixels, target)}


def step(model, pixels, target):
    """Loss, gradients, and the running statistics afterwards, by their names."""
    model.zero_grad()
    features = model(pixels).mean((2, 3))
    loss = ((features - target) ** 2).mean()
    loss.backward()
    statistics = {name: digest(tensor) for name, tensor in model.state_dict().items() if "running" in name}
    gradients = {name: digest(parameter.grad) for name, parameter in model.named_parameters()}
    return {"loss": loss.item(), "gradients": gradients, "statistics": statistics if model.training else {}}


def main():
    golden = {
        "two blocks": run(resnet(Bottleneck, [1, 1], 8), 3, 30),
        "resnet18": run(resnet(BasicBlock, [2, 2, 2, 2]), 4, 64),
        "resnet50": run(resnet(Bottleneck, [3, 4, 6, 3]), 4, 64),
        "efficientnet-lite0": run(lite0(), 4, 64),
    }
    (HERE / "resnet.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")


main()
