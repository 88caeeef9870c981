"""python bench/pipeline.py DATA

The steps of pipeline.mjs by pyarrow, Pillow, numpy and PyTorch on two threads; DATA is a folder of parquet files."""

import copy
import time
from concurrent.futures import ThreadPoolExecutor
from math import ceil

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import torch
from decode import normalised
from features import BATCH, features_of, lite0
from head import adamw, average_of, revenue_head, train_epoch, validate
from shared import THREADS, main, two_threads

SEED = 42
MAX_EPOCHS = 30
EARLY_STOPPING = 7
AVERAGING = 0.99
RESAMPLES = 2000


def films_of(data):
    """The encoded posters and the log10 dollars of films above $10M; the first row of an id wins."""
    table = pq.read_table(data, columns=["id", "image", "revenue"])
    table = table.filter(pc.field("revenue") > 10_000_000)
    first = np.sort(np.unique(table["id"].to_numpy(), return_index=True)[1])
    table = table.take(first)
    posters = [image["bytes"].as_py() for image in table["image"]]
    return posters, np.log10(table["revenue"].to_numpy()).astype(np.float32)


def split(n, share=0.1):
    """Positions as `datasets.Dataset.train_test_split(test_size=0.1, seed=42)` cuts them."""
    order = np.random.default_rng(SEED).permutation(n)
    cut = ceil(n * share)
    return order[cut:], order[:cut]


def extract(posters):
    """Features [posters, 1280], a batch at a time: decoded by two threads, then through the network."""
    model = lite0()
    pixels = np.empty((BATCH, 224, 224, 3), np.float32)
    features = []
    with ThreadPoolExecutor(THREADS) as pool:
        for first in range(0, len(posters), BATCH):
            batch = posters[first : first + BATCH]
            list(pool.map(normalised, batch, pixels))
            features.append(features_of(model, pixels[: len(batch)]))
    return np.concatenate(features)


def train(sets):
    """The best average of the weights, and how many epochs were trained."""
    (x, y), (x_validation, y_validation) = sets["train"], sets["validation"]
    model = revenue_head()
    with torch.no_grad():
        model[-2].bias += y.mean()
    optimizer, average = adamw(model), average_of(model, AVERAGING)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=2)
    best, best_epoch, kept = float("inf"), 0, None
    for epoch in range(1, MAX_EPOCHS + 1):
        train_epoch(model, optimizer, x, y, average)
        loss = validate(average, x_validation, y_validation)
        plateau.step(loss)
        if loss < best:
            best, best_epoch, kept = loss, epoch, copy.deepcopy(average.module)
        if epoch - best_epoch >= EARLY_STOPPING:
            break
    return kept, epoch


@torch.inference_mode()
def evaluate(model, sets):
    """Metrics of the test films, of the model and of the training mean, with 95 % bootstrap intervals."""
    (x, y), train_y = sets["test"], sets["train"][1].numpy()
    actual = y.numpy()
    draws = np.random.default_rng(SEED).integers(0, len(y), (RESAMPLES, len(y)))
    guesses = {"model": model.eval()(x).numpy(), "mean": np.full_like(actual, train_y.mean())}
    return {name: metrics(guess, actual, train_y, draws) for name, guess in guesses.items()}


def metrics(predicted, actual, train_y, draws):
    error = np.abs(10.0 ** (predicted - actual) - 1)
    threshold = np.median(train_y)
    squared, spread = (predicted - actual) ** 2, (actual - train_y.mean()) ** 2
    right = (predicted > threshold) == (actual > threshold)
    per_film = {"mse": squared, "within25": error <= 0.25, "within50": error <= 0.5, "accuracy": right}
    interval = {name: np.quantile(values[draws].mean(1), [0.025, 0.975]) for name, values in per_film.items()}
    interval["r2"] = np.quantile(1 - squared[draws].mean(1) / spread[draws].mean(1), [0.025, 0.975])
    interval["medianError"] = np.quantile(np.median(error[draws], 1), [0.025, 0.975])
    means = {name: float(values.mean()) for name, values in per_film.items()}
    return {**means, "r2": 1 - means["mse"] / spread.mean(), "medianError": np.median(error), "ci95": interval}


def measure(data):
    two_threads()
    torch.manual_seed(SEED)
    start = time.perf_counter()
    posters, targets = films_of(data)
    features = extract(posters)
    extracted = time.perf_counter()
    rest, test = split(len(posters))
    train_of, validation_of = split(len(rest))
    places = {"train": rest[train_of], "validation": rest[validation_of], "test": test}
    sets = {name: (torch.from_numpy(features[at]), torch.from_numpy(targets[at])) for name, at in places.items()}
    model, epochs = train(sets)
    trained = time.perf_counter()
    mse = evaluate(model, sets)["model"]["mse"]
    seconds = time.perf_counter() - start
    counts = {name: len(at) for name, at in places.items()}
    return {
        "name": "pipeline",
        "unit": "films/s",
        "rate": len(posters) / seconds,
        "checksum": {**counts, "features": float(features.mean()), "mse": mse},
        "stages": {"features": extracted - start, "training": trained - extracted, "epochs": epochs},
    }


if __name__ == "__main__":
    main(measure)
