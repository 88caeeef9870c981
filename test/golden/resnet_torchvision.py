"""Makes resnet-torchvision.safetensors: what torchvision's ResNets compute with weights that any language can make.

pip install torch==2.13.0 torchvision==0.28.0 safetensors
python test/golden/resnet_torchvision.py
"""

import json
import math
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn
from torchvision.models import resnet18, resnet50

HERE = Path(__file__).parent
HIDDEN = [16, 8]
torch.set_num_threads(2)


def pattern(size, period, scale):
    """The same numbers in any language: multiples of 1/64, exact in float32."""
    return (np.arange(size) * 7919 % period - period // 2).astype(np.float32) * scale / 64


def fill(name, shape, index):
    """The weights of test/resnet-pattern.ts: convolutions of He's variance, batch norms that are not the identity."""
    size, period = math.prod(shape), 251 + 2 * index
    if len(shape) > 1:
        wanted = math.sqrt(2 / math.prod(shape[1:])) * 64 * math.sqrt(12) / period
        return pattern(size, period, 2.0 ** math.floor(math.log2(wanted) + 0.5))
    if name.endswith("running_var"):
        return 1 + pattern(size, 7, 8.0)
    return pattern(size, 11, 4.0) + (0.75 if name.endswith("weight") else 0)


def filled(module):
    state = {name: tensor for name, tensor in module.state_dict().items() if tensor.is_floating_point()}
    shapes = {name: list(tensor.shape) for name, tensor in state.items()}
    for index, (name, shape) in enumerate(shapes.items()):
        state[name].copy_(torch.from_numpy(fill(name, shape, index)).reshape(shape))
    return shapes


def head(width):
    layers = []
    for inputs, outputs in zip([width, *HIDDEN], [*HIDDEN, 1]):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def main():
    pixels = torch.from_numpy(pattern(2 * 224 * 224 * 3, 257, 1.0).reshape(2, 224, 224, 3)).permute(0, 3, 1, 2)
    tensors, metadata = {}, {"hidden": json.dumps(HIDDEN)}
    for model in (resnet18, resnet50):
        name, net = model.__name__, model().eval()
        top, net.fc = head(net.fc.in_features), nn.Identity()
        metadata[name] = json.dumps(filled(net))
        filled(top)
        with torch.inference_mode():
            features = net(pixels)
            tensors[f"{name}.features"] = features
            tensors[f"{name}.predicted"] = top(features).flatten()
    print({name: (tensor.abs().mean().item(), tensor.std().item()) for name, tensor in tensors.items()})
    save_file(tensors, HERE / "resnet-torchvision.safetensors", metadata=metadata)


main()
