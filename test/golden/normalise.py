"""Writes normalise.json: torchvision's ToTensor and Normalize on all 256 values. Run with torch 2.x."""

import hashlib
import json
from pathlib import Path

import torch

values = torch.arange(256, dtype=torch.uint8).reshape(256, 1).repeat(1, 3)
mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
# the same calls as torchvision.transforms.functional's: div(255), sub_(mean), div_(std), in single precision
tensor = values.to(torch.float32).div(255).sub_(mean).div_(std)
golden = {"sha256": hashlib.sha256(tensor.numpy().tobytes()).hexdigest()}
Path(__file__).with_name("normalise.json").write_text(json.dumps(golden) + "\n")
