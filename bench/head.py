"""python bench/head.py [AVERAGING]

Trains the head on 3,177 synthetic films by PyTorch on two threads; AVERAGING is the decay, 0 unless given."""

import numpy as np
import torch
from shared import main, noise, rate_of, two_threads
from torch import nn
from torch.nn.functional import mse_loss
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

TRAIN = 3177
VALIDATION = 353
INPUTS = 1280
HIDDEN = [1024, 512, 1024]
EPOCHS = 2
BATCH = 32


def revenue_head(dropout=(0.2, 0.1, 0.2)):
    layers = []
    for inputs, outputs, rate in zip([INPUTS, *HIDDEN[:-1]], HIDDEN, dropout):
        layers += [nn.Linear(inputs, outputs), nn.ReLU(), nn.Dropout(rate)]
    return nn.Sequential(*layers, nn.Linear(HIDDEN[-1], 1), nn.Flatten(0))


def adamw(model):
    return torch.optim.AdamW(model.parameters(), lr=2e-4, weight_decay=1e-4, fused=True)


def average_of(model, decay):
    return AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(decay)) if decay else None


def train_epoch(model, optimizer, x, y, average=None):
    """One pass in a new order; the mean loss."""
    model.train()
    total = 0.0
    for rows in torch.randperm(len(y)).split(BATCH):
        loss = mse_loss(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if average:
            average.update_parameters(model)
        total += len(rows) * loss.item()
    return total / len(y)


@torch.inference_mode()
def validate(model, x, y):
    model.eval()
    return mse_loss(model(x), y).item()


def fill(model):
    """The weights of inventWeights in head.mjs."""
    linear = [layer for layer in model if isinstance(layer, nn.Linear)]
    with torch.no_grad():
        for layer in linear:
            byte = torch.from_numpy(noise(layer.weight.numel()).astype(np.float64)).reshape(layer.weight.shape)
            layer.weight.copy_((byte - 127.5) / 128 / layer.in_features**0.5)
            layer.bias.fill_(8 if layer is linear[-1] else 0)
    return model


def measure(averaging="0"):
    two_threads()
    n = TRAIN + VALIDATION
    x = torch.from_numpy(noise(n * INPUTS).astype(np.float32).reshape(n, INPUTS) / 256)
    y = torch.from_numpy(7 + noise(n).astype(np.float32) / 128)

    def train(model, n, epochs, decay=float(averaging)):
        optimizer, average = adamw(model), average_of(model, decay)
        for _ in range(epochs):
            before = train_epoch(model, optimizer, x[:n], y[:n], average)
            rest = slice(TRAIN, None) if n > BATCH else slice(BATCH)
            after = validate(average or model, x[rest], y[rest])
        return {"before": before, "after": after}

    checksum = train(fill(revenue_head((0, 0, 0))), BATCH, 1, 0)
    train(fill(revenue_head()), 640, 1)
    model = fill(revenue_head())
    rate = rate_of(lambda: train(model, TRAIN, EPOCHS), TRAIN * EPOCHS)
    return {"name": "head", "unit": "samples/s", "rate": rate, "checksum": checksum}


if __name__ == "__main__":
    main(measure)
