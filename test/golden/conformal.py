"""Writes conformal.json: conformal widths and CV+ intervals by plain numpy. Run with numpy 2.x: python test/golden/conformal.py"""

import json
from fractions import Fraction
from math import ceil
from pathlib import Path

import numpy as np

LEVELS = ["0.5", "0.8", "0.9", "0.95"]


def order_statistic(values, level):
    rank = ceil(Fraction(level) * (len(values) + 1))
    return float(np.sort(values)[rank - 1]) if rank <= len(values) else None


def case(n, folds):
    rng = np.random.default_rng([2021, n])
    residuals = rng.normal(0, 0.4, n)
    difficulty = rng.uniform(0.2, 0.6, n)
    fold = rng.integers(0, folds, n)
    predictions = rng.normal(7.8, 0.2, folds)
    size = np.abs(residuals)
    at = predictions[fold]
    # Barber et al. 2021, (2.3): q- of v is -q+ of -v
    plus = [(order_statistic(size - at, level), order_statistic(size + at, level)) for level in LEVELS]
    return {
        "residuals": residuals.tolist(),
        "difficulty": difficulty.tolist(),
        "folds": fold.tolist(),
        "foldLog10": predictions.tolist(),
        "plain": [order_statistic(size, level) for level in LEVELS],
        "scaled": [order_statistic(size / difficulty, level) for level in LEVELS],
        "cvPlus": [None if low is None else [-low, high] for low, high in plus],
    }


golden = {"levels": [float(level) for level in LEVELS], "cases": [case(99, 5), case(40, 4), case(7, 2), case(1, 1)]}
Path(__file__).with_name("conformal.json").write_text(json.dumps(golden) + "\n")
