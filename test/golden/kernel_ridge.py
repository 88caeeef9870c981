"""Writes kernel_ridge.json: what scikit-learn's KernelRidge and GaussianProcessRegressor predict for a sum of kernels,
and what KernelRidge predicts for each film when it is fitted on all the others.
Run with scikit-learn 1.9: python test/golden/kernel_ridge.py"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct
from sklearn.kernel_ridge import KernelRidge
from sklearn.metrics.pairwise import linear_kernel, rbf_kernel

TRAIN, TEST, FACTS, POSTER, WORDS = 67, 9, 6, 37, 53
NOISE = 0.7


def table(rows, columns, seed):
    """Whole-number arithmetic that test/kernel-ridge.test.ts repeats."""
    i = np.arange(rows * columns, dtype=np.int64).reshape(rows, columns) + seed
    return (i * 7919 % 10007 * (i % 31 + 1) % 10007) / 5003.5 - 1


facts, poster, words = table(TRAIN + TEST, FACTS, 1), table(TRAIN + TEST, POSTER, 5), table(TRAIN + TEST, WORDS, 9)
words[np.arange(words.size).reshape(words.shape) % 7 > 0] = 0
y = facts[:, 0] * 2 - np.abs(facts[:, 1]) + np.sin(3 * poster[:, 2]) + words.sum(1) / 5 + 7


def kernel(a, b):
    return (
        1.0 * rbf_kernel(facts[a], facts[b], gamma=0.25)
        + 0.2 * linear_kernel(facts[a], facts[b])
        + 0.3 * linear_kernel(words[a], words[b])
        + 0.5 * rbf_kernel(poster[a], poster[b], gamma=0.8 / POSTER)
    )


def predict(train, test, mean):
    model = KernelRidge(alpha=NOISE, kernel="precomputed").fit(kernel(train, train), y[train] - mean)
    return mean + model.predict(kernel(test, train))


train, test = np.arange(TRAIN), np.arange(TRAIN, TRAIN + TEST)
mean = y[train].mean()
# exp(−‖x − y‖² / (2·length²)) has gamma .25 at length √2
process = GaussianProcessRegressor(
    ConstantKernel(1.0) * RBF(np.sqrt(2)) + ConstantKernel(0.2) * DotProduct(1e-7), alpha=NOISE, optimizer=None
).fit(facts[train], y[train] - mean)
golden = {
    "scikit-learn": sklearn.__version__,
    **{"train": TRAIN, "test": TEST, "facts": FACTS, "poster": POSTER, "words": WORDS, "noise": NOISE},
    "predictions": predict(train, test, mean).tolist(),
    "factsAlone": (mean + process.predict(facts[test])).tolist(),
    # the mean is that of all training films, as in the model
    "leaveOneOut": [float(predict(np.delete(train, i), np.array([i]), mean)[0]) for i in train],
}
Path(__file__).with_name("kernel_ridge.json").write_text(json.dumps(golden) + "\n")
