"""Writes trees.json: what scikit-learn's HistGradientBoostingRegressor predicts. Run with scikit-learn 1.9: python test/golden/trees.py"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.ensemble import HistGradientBoostingRegressor


def table(rows, columns):
    """Whole-number arithmetic that test/trees.test.ts repeats: many values, few values, a constant, and missing ones."""
    i = np.arange(rows * columns, dtype=np.int64).reshape(rows, columns)
    x = (i * 7919 % 10007 * (i % 31 + 1) % 10007).astype(np.float64) / 64
    x[:, 1] = np.floor(x[:, 1]) % 3
    x[:, 2] = 5
    x[:, 3] = np.where(i[:, 3] % 5 < 2, np.nan, x[:, 3])
    x[:, 4] = np.where(x[:, 0] > 100, np.nan, x[:, 4])
    return x


def targets(x):
    missing = np.isnan(x[:, 4])
    return np.where(x[:, 0] > 70, 1.0, -1.0) * x[:, 1] + np.where(missing, 3.0, 0.0) + x[:, 5] / 50


FIT = dict(early_stopping=False, random_state=0)
CASES = {
    "defaults": dict(max_iter=40),
    "shallow": dict(max_iter=25, max_depth=2, learning_rate=0.3, l2_regularization=3.0, min_samples_leaf=7),
    "few leaves": dict(max_iter=25, max_leaf_nodes=5, min_samples_leaf=1, max_bins=16),
}
x = table(700, 6)
train, test = x[:600], x[600:].copy()
# missing where training had none: the larger side
test[::7, 0] = np.nan
y = targets(train)
names = {"max_iter": "trees", "max_depth": "maxDepth", "learning_rate": "learningRate", "l2_regularization": "l2",
         "min_samples_leaf": "minLeaf", "max_leaf_nodes": "maxLeaves", "max_bins": "maxBins"}  # fmt: skip
cases = [
    {
        "name": name,
        "options": {"learningRate": 0.1, **{names[key]: value for key, value in options.items()}},
        "predictions": HistGradientBoostingRegressor(**FIT, **options).fit(train, y).predict(test).tolist(),
    }
    for name, options in CASES.items()
]
golden = {"scikit-learn": sklearn.__version__, "targets": [y[0], y[599]], "cases": cases}
Path(__file__).with_name("trees.json").write_text(json.dumps(golden) + "\n")
