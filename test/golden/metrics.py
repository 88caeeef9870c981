"""Writes metrics.json: metrics and bootstrap intervals by plain numpy. Run with numpy 2.x: python test/golden/metrics.py"""

import json
from pathlib import Path

import numpy as np

SAMPLES = 300


def metrics(actual, predicted, train_mean, threshold):
    y, p = np.log10(actual), np.log10(predicted)
    relative = np.abs(predicted - actual) / actual
    return {
        "mse": np.mean((y - p) ** 2),
        "mae": np.mean(np.abs(y - p)),
        "r2": 1 - np.sum((y - p) ** 2) / np.sum((y - train_mean) ** 2),
        "within25": np.mean(relative <= 0.25),
        "within50": np.mean(relative <= 0.5),
        "medianError": np.median(relative),
        "accuracy": np.mean((actual > threshold) == (predicted > threshold)),
    }


def median_split(actual, predicted, threshold):
    positive, called = actual > threshold, predicted > threshold
    precision = np.mean(positive[called])
    recall = np.mean(called[positive])
    return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / (precision + recall)}


def intervals(actual, predicted, train_mean, threshold, seed):
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(SAMPLES):
        i = rng.integers(0, len(actual), size=len(actual))
        drawn.append(metrics(actual[i], predicted[i], train_mean, threshold))
    return {k: np.quantile([d[k] for d in drawn], [0.025, 0.975]).tolist() for k in drawn[0]}


def difference(actual, predicted, train_mean, seed):
    rng = np.random.default_rng(seed)
    loss = (np.log10(predicted) - np.log10(actual)) ** 2 - (train_mean - np.log10(actual)) ** 2
    drawn = [loss[rng.integers(0, len(loss), size=len(loss))].mean() for _ in range(SAMPLES)]
    return {"mse": loss.mean(), "ci95": np.quantile(drawn, [0.025, 0.975]).tolist()}


def case(n, noise, seed):
    rng = np.random.default_rng([2024, n])
    # integers, as dollars are: JSON carries them exactly
    train = np.round(10 ** rng.normal(7.8, 0.5, 50))
    actual = np.round(10 ** rng.normal(7.8, 0.5, n))
    predicted = np.round(actual * 10 ** rng.normal(0, noise, n))
    train_mean, threshold = np.mean(np.log10(train)), np.median(train)
    arguments = (actual, predicted, train_mean, threshold)
    return {
        "seed": seed,
        "train": train.tolist(),
        "actual": actual.tolist(),
        "predicted": predicted.tolist(),
        "trainMeanLog10": train_mean,
        "trainMedian": threshold,
        "terciles": np.quantile(train, [1 / 3, 2 / 3]).tolist(),
        "metrics": metrics(*arguments),
        "medianSplit": median_split(*arguments[:2], threshold),
        "ci95": intervals(*arguments, seed),
        "difference": difference(*arguments[:3], seed),
    }


cases = [case(101, 0.3, 42), case(60, 0.1, 7)]
golden = {"numpy": np.__version__, "samples": SAMPLES, "cases": cases}
Path(__file__).with_name("metrics.json").write_text(json.dumps(golden) + "\n")
