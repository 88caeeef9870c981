"""python bench/resnet-step.py

Trains ResNet50 and a head on 32 synthetic posters, four steps, by PyTorch on two threads."""

import torch
from resnet import BATCH, CHANNELS_LAST, ResNet50, draw_pixels, draw_weights
from shared import main, rate_of, two_threads
from torch import nn

WIDTHS = [2048, 1024, 512, 1024, 1]
STEPS = 3
LEARNING_RATE = 2e-4


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.ModuleList(nn.Linear(inputs, outputs) for inputs, outputs in zip(WIDTHS, WIDTHS[1:]))

    def forward(self, x):
        for layer in self.head[:-1]:
            x = layer(x).relu()
        return self.head[-1](x).flatten()


def measure():
    two_threads()
    backbone, head = ResNet50().train(), Head()
    draw_weights(backbone.state_dict())
    draw_weights(head.state_dict())
    model = nn.Sequential(backbone, head).to(**CHANNELS_LAST)
    pixels = draw_pixels()
    targets = 6 + torch.arange(BATCH) % 8 / 4
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=1e-4, fused=True)
    losses = []

    def step():
        optimizer.zero_grad()
        loss = ((model(pixels) - targets) ** 2).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

    rate_of(step, BATCH)
    rate = rate_of(step, BATCH, STEPS)
    checksum = {"before": losses[0], "after": losses[1]}
    return {"name": "resnet-step", "unit": "posters/s", "rate": rate, "checksum": checksum}


if __name__ == "__main__":
    main(measure)
