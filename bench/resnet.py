"""What both ResNet50 benchmarks share: the network in plain PyTorch under torchvision's names, weights and posters."""

import math

import numpy as np
import torch
from shared import noise
from torch import nn

BATCH = 32
CHANNELS_LAST = {"memory_format": torch.channels_last}


class Bottleneck(nn.Module):
    def __init__(self, inputs, width, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inputs, width, 1, bias=False), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = nn.Conv2d(width, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width)
        self.conv3, self.bn3 = nn.Conv2d(width, 4 * width, 1, bias=False), nn.BatchNorm2d(4 * width)
        self.relu = nn.ReLU(inplace=True)
        if stride > 1 or inputs != 4 * width:
            shortcut = nn.Conv2d(inputs, 4 * width, 1, stride, bias=False)
            self.downsample = nn.Sequential(shortcut, nn.BatchNorm2d(4 * width))
        else:
            self.downsample = nn.Identity()

    def forward(self, x):
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        y += self.downsample(x)
        return self.relu(y)


class ResNet50(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)
        self.relu, self.maxpool = nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)
        inputs = 64
        for stage, depth in enumerate((3, 4, 6, 3)):
            width = 64 * 2**stage
            blocks = []
            for block in range(depth):
                blocks.append(Bottleneck(inputs, width, 2 if stage > 0 and block == 0 else 1))
                inputs = 4 * width
            self.add_module(f"layer{stage + 1}", nn.Sequential(*blocks))

    def forward(self, x):
        for module in self.children():
            x = module(x)
        return x.mean((2, 3))


@torch.no_grad()
def draw_weights(state):
    """The weights of `drawWeights` in resnet.mjs."""
    named = {name: tensor for name, tensor in state.items() if tensor.is_floating_point()}
    ranges = {"weight": (0.5, 1), "bias": (0, 0.5), "running_mean": (-0.2, 0.2), "running_var": (0.5, 1.5)}
    for i, (name, tensor) in enumerate(sorted(named.items())):
        bound = math.sqrt(6 / math.prod(tensor.shape[1:]))
        low, high = (-bound, bound) if tensor.dim() > 1 else ranges[name.split(".")[-1]]
        values = np.random.default_rng([7, i]).uniform(low, high, tensor.numel())
        tensor.copy_(torch.from_numpy(values.astype(np.float32)).reshape(tensor.shape))


def draw_pixels():
    """Normalised pixels of a batch, [32, 3, 224, 224], channels last: PyTorch is a third faster so than without."""
    values = (noise(BATCH * 224 * 224 * 3).astype(np.float32) - 128) / 64
    return torch.from_numpy(values.reshape(BATCH, 224, 224, 3)).permute(0, 3, 1, 2)
