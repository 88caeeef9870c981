"""Writes split.json: what datasets.Dataset.train_test_split does, once and twice. Run: python test/golden/split.py"""

import hashlib
import json
from pathlib import Path

import datasets
from datasets import Dataset

datasets.disable_progress_bars()


def split(ids, test_size, seed):
    try:
        halves = Dataset.from_dict({"id": ids}).train_test_split(test_size=test_size, seed=seed)
    except ValueError:
        return None
    return halves["train"]["id"][:], halves["test"]["id"][:]


def twice(ids, test, validation, seed):
    first = split(ids, test, seed)
    second = first and split(first[0], validation, seed)
    return second and {"train": list(second[0]), "validation": list(second[1]), "test": list(first[1])}


def brief(splits):
    """Sizes, the first ids of each side, and a digest of all of them in order."""
    return {
        name: {"n": len(ids), "first": ids[:5], "sha256": hashlib.sha256(",".join(map(str, ids)).encode()).hexdigest()}
        for name, ids in splits.items()
    }


def ids_of(n):
    return [7 * i + 3 for i in range(n)]


once = []
for n in range(1, 11):
    for test_size in [0.1, 0.25, 0.5, 0.9]:
        halves = split(list(range(n)), test_size, 42)
        once.append({"n": n, "testSize": test_size, "train": halves and list(halves[0]), "test": halves and list(halves[1])})
small = [{"n": n, "splits": twice(ids_of(n), 0.1, 0.1, 42)} for n in range(1, 31)]
cases = [(3923, 0.1, 0.1, 42), (64, 0.1, 0.1, 42), (1000, 0.2, 0.15, 7), (6173, 0.1, 0.1, 42), (20001, 0.1, 0.1, 0)]
large = [
    {"n": n, "test": t, "validation": v, "seed": s, "splits": brief(twice(ids_of(n), t, v, s))} for n, t, v, s in cases
]
golden = {"datasets": datasets.__version__, "once": once, "small": small, "large": large}
Path(__file__).with_name("split.json").write_text(json.dumps(golden) + "\n")
