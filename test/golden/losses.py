"""Makes losses.json: PyTorch's losses of eight examples, their weighted mean and its gradient.

pip install torch==2.13.0 numpy
python test/golden/losses.py
"""

import json
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

HERE = Path(__file__).parent
BATCH = 8
LEVELS = [0.1, 0.5, 0.9]
THRESHOLDS = [6.75, 7.0, 7.25]
CENTRES = [6.5, 6.875, 7.125, 7.5]


def pattern(size, period, scale):
    """The same numbers in any language: multiples of 1/64, exact in float32."""
    return (np.arange(size) * 7919 % period - period // 2).astype(np.float32) * scale / 64


def mse(outputs, targets):
    return nn.MSELoss(reduction="none")(outputs[:, 0], targets)


def huber(outputs, targets):
    return nn.HuberLoss(reduction="none", delta=0.25)(outputs[:, 0], targets)


def quantile(outputs, targets):
    error = targets[:, None] - outputs
    level = torch.tensor(LEVELS)
    return torch.maximum(level * error, (level - 1) * error).mean(1)


def gaussian(outputs, targets):
    return nn.GaussianNLLLoss(reduction="none")(outputs[:, 0], targets, outputs[:, 1].exp())


def ordinal(outputs, targets):
    reached = (targets[:, None] >= torch.tensor(THRESHOLDS)).float()
    return binary_cross_entropy_with_logits(outputs, reached, reduction="none").mean(1)


def ordinal_prediction(logits):
    """The mean of the centres under the bins' probabilities, each the difference of two neighbouring ones."""
    reached = torch.sigmoid(logits.double())
    above = torch.cat([torch.ones(BATCH, 1), reached, torch.zeros(BATCH, 1)], 1)
    return ((above[:, :-1] - above[:, 1:]) @ torch.tensor(CENTRES).double()).tolist()


def judged(loss, outputs, targets, weights):
    outputs = outputs.clone().requires_grad_()
    losses = loss(outputs, targets)
    mean = (losses * weights).mean()
    mean.backward()
    return {"losses": losses.tolist(), "mean": mean.item(), "gradient": outputs.grad.flatten().tolist()}


def main():
    targets = torch.from_numpy(pattern(BATCH, 23, 2.0) + 7)
    weights = torch.from_numpy(pattern(BATCH, 5, 8.0) + 1)
    near = torch.from_numpy(pattern(BATCH, 31, 2.0)).reshape(BATCH, 1) + 7
    logits = torch.from_numpy(pattern(BATCH * 3, 37, 8.0)).reshape(BATCH, 3)
    log_variance = torch.from_numpy(pattern(BATCH, 19, 4.0)).reshape(BATCH, 1)
    golden = {
        "mse": judged(mse, near, targets, weights),
        "huber": judged(huber, near, targets, weights),
        "quantile": judged(quantile, logits / 8 + 7, targets, weights),
        "gaussian": judged(gaussian, torch.cat([near, log_variance], 1), targets, weights),
        "ordinal": {**judged(ordinal, logits, targets, weights), "predicted": ordinal_prediction(logits)},
    }
    (HERE / "losses.json").write_text(json.dumps(golden) + "\n")


main()
