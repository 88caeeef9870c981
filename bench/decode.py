"""python bench/decode.py FOLDER

Decodes, resizes to 224 x 224 and normalises the posters of a folder, by Pillow and numpy on two threads."""

import io
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image
from shared import THREADS, main, rate_of

MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)

own = threading.local()


def normalised(poster, out):
    """Pixels [224, 224, 3] of an encoded poster, written into `out`."""
    out[...] = Image.open(io.BytesIO(poster)).convert("RGB").resize((224, 224), Image.BILINEAR)
    out /= np.float32(255)
    out -= MEAN
    out /= STD
    return out


def tensor(poster):
    """In one array for each thread: a new one each time costs as much as the arithmetic."""
    if not hasattr(own, "values"):
        own.values = np.empty((224, 224, 3), np.float32)
    return normalised(poster, own.values)


def measure(folder):
    posters = [path.read_bytes() for path in sorted(Path(folder).iterdir())]
    with ThreadPoolExecutor(THREADS) as pool:
        crcs = sum(pool.map(lambda poster: zlib.crc32(tensor(poster)), posters))
        rate = rate_of(lambda: [None for _ in pool.map(tensor, posters)], len(posters), 3)
    return {"name": "decode", "unit": "posters/s", "rate": rate, "checksum": {"crcs": crcs}}


if __name__ == "__main__":
    main(measure)
