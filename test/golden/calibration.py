"""Writes calibration.json: slopes, bins and intervals by plain numpy. Run with numpy 2.x: python test/golden/calibration.py"""

import json
from pathlib import Path

import numpy as np

SAMPLES = 200


def line(x, y):
    slope = np.cov(x, y)[0, 1] / np.var(x, ddof=1)
    return slope, y.mean() - slope * x.mean()


def resamples(n, seed):
    rng = np.random.default_rng(seed)
    return [rng.integers(0, n, size=n) for _ in range(SAMPLES)]


def interval(values):
    return np.quantile(values, [0.025, 0.975]).tolist()


def case(n, bins, seed):
    rng = np.random.default_rng([1977, n])
    # whole dollars, which JSON carries exactly
    predicted = np.round(10 ** rng.normal(7.8, 0.3, n))
    actual = np.round(predicted**0.7 * 10 ** rng.normal(2.3, 0.3, n))
    years = rng.integers(1970, 2020, n)
    x, y = np.log10(predicted), np.log10(actual)
    slope, intercept = line(x, y)
    drawn = resamples(n, seed)
    lines = np.array([line(x[i], y[i]) for i in drawn])
    trends = [line(years[i] / 10, (x - y)[i])[0] for i in drawn]
    # whole-sample statistics and intervals of a group: MSE, R² against a training mean, bias
    train_mean = 7.75
    errors, spread = (x - y) ** 2, (y - train_mean) ** 2
    scores = {
        "mse": lambda i: errors[i].mean(),
        "r2": lambda i: 1 - errors[i].sum() / spread[i].sum(),
        "bias": lambda i: (x - y)[i].mean(),
        "meanMse": lambda i: spread[i].mean(),
        "lessMean": lambda i: (errors - spread)[i].mean(),
    }
    # in the films' own order within a bin, for the resamples are drawn by position
    order = [np.sort(i) for i in np.array_split(np.argsort(x), bins)]
    return {
        "predicted": predicted.tolist(),
        "actual": actual.tolist(),
        "years": years.tolist(),
        "bins": bins,
        "seed": seed,
        "trainMeanLog10": train_mean,
        "slope": slope,
        "intercept": intercept,
        "slopeInterval": interval(lines[:, 0]),
        "interceptInterval": interval(lines[:, 1]),
        "binMeans": [[x[i].mean(), y[i].mean(), np.median(y[i])] for i in order],
        "binIntervals": [
            [interval([y[i][j].mean() for j in resamples(len(i), seed)]), interval([np.median(y[i][j]) for j in resamples(len(i), seed)])]
            for i in order
        ],
        "perDecade": line(years / 10, x - y)[0],
        "perDecadeInterval": interval(trends),
        "scores": {name: score(np.arange(n)) for name, score in scores.items()},
        "scoreIntervals": {name: interval([score(i) for i in drawn]) for name, score in scores.items()},
    }


golden = {"samples": SAMPLES, "cases": [case(120, 10, 42), case(60, 4, 7)]}
Path(__file__).with_name("calibration.json").write_text(json.dumps(golden) + "\n")
