"""What a run predicts, in PyTorch: log10 dollars, one line for each poster.

python scripts/load-in-pytorch.py checkpoints/RUN/best.safetensors INPUTS.safetensors

INPUTS holds `features` [n, d], as `movie-revenue features` writes them; or, for a run whose ResNet was trained or that
was exported as safetensors, `pixels` [n, 3, 224, 224], normalised as torchvision does (this needs torchvision).
"""

import sys
import torch
from safetensors.torch import load_file

run, inputs = map(load_file, sys.argv[1:3]) if len(sys.argv) == 3 else sys.exit(__doc__)
part = lambda prefix: {name.removeprefix(prefix): run[name] for name in run if name.startswith(prefix)}
head = torch.nn.Sequential()
for layer in range(len(part("head.")) // 2):
    head.add_module(f"relu{layer}", torch.nn.ReLU() if layer else torch.nn.Identity())
    head.add_module(f"{layer}", torch.nn.Linear(*run[f"head.{layer}.weight"].T.shape))
head.load_state_dict(part("head."))
if "pixels" in inputs:
    from torchvision.models import resnet18, resnet50
    backbone = (resnet50 if "backbone.layer1.0.conv3.weight" in run else resnet18)()
    backbone.fc = torch.nn.Identity()
    backbone.load_state_dict(part("backbone."))
    inputs["features"] = backbone.eval()(inputs["pixels"])
print(*head(inputs["features"]).flatten().tolist(), sep="\n")
