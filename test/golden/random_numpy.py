"""Writes random.json: what numpy.random.default_rng draws. Run with numpy 2.x: python test/golden/random_numpy.py

Not called random.py: that name would stand before the standard library of every script in this folder.
"""

import hashlib
import json
from pathlib import Path

import numpy as np

SEEDS = [0, 1, 42, 2**32 - 1, 2**32, 2**53 - 1, [42, 7], [1, 2, 3, 4, 5, 6], [0, 2**40]]
BOUNDS = [1, 2, 3, 10, 400, 3923, 65536, 2**31 + 1, 2**32 - 1, 2**32]


def mixed(seed):
    """Calls in an order that shows which of them share the buffered half of a 64-bit draw."""
    rng = np.random.default_rng(seed)
    first = [int(rng.integers(0, 10)) for _ in range(3)]
    double = rng.random()
    second = [int(rng.integers(0, 10)) for _ in range(2)]
    permutation = rng.permutation(7).tolist()
    return {"first": first, "double": double, "second": second, "permutation": permutation, "uniform": rng.uniform(-2, 5)}


def draws(seed):
    new = lambda: np.random.default_rng(seed)
    return {
        "seed": seed,
        "raw": [str(v) for v in new().bit_generator.random_raw(4)],
        "doubles": new().random(4).tolist(),
        "integers": {str(b): new().integers(0, b, size=12).tolist() for b in BOUNDS},
        "permutation": new().permutation(20).tolist(),
        "mixed": mixed(seed),
    }


def digest(array, dtype):
    return hashlib.sha256(np.ascontiguousarray(array, dtype=dtype).tobytes()).hexdigest()


long = {
    "doubles100000": digest(np.random.default_rng(42).random(100_000), "<f8"),
    # a bound of 3·2³⁰ rejects a quarter of all draws
    "integers100000": digest(np.random.default_rng(42).integers(0, 3 * 2**30, size=100_000), "<u4"),
    "permutation100000": digest(np.random.default_rng(42).permutation(100_000), "<u4"),
}
path = Path(__file__).with_name("random.json")
path.write_text(json.dumps({"numpy": np.__version__, "draws": [draws(s) for s in SEEDS], "long": long}) + "\n")
