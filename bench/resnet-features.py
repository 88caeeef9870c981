"""python bench/resnet-features.py

Extracts ResNet50's features of 32 synthetic posters, four times, by PyTorch on two threads."""

import torch
from resnet import BATCH, CHANNELS_LAST, ResNet50, draw_pixels, draw_weights
from shared import main, rate_of, two_threads

ROUNDS = 3


@torch.inference_mode()
def measure():
    two_threads()
    model = ResNet50().eval()
    draw_weights(model.state_dict())
    model = model.to(**CHANNELS_LAST)
    pixels = draw_pixels()
    rate_of(lambda: model(pixels), BATCH)
    rate = rate_of(lambda: model(pixels), BATCH, ROUNDS)
    features = model(pixels)
    checksum = {"mean": float(features.mean()), "last": float(features[-1, -16:].mean())}
    return {"name": "resnet-features", "unit": "posters/s", "rate": rate, "checksum": checksum}


if __name__ == "__main__":
    main(measure)
