"""Writes hash.json: perceptual hashes straight from the definition, a double sum for each coefficient. Standard library
but for the pictures: python test/golden/hash.py"""

import json
from math import cos, pi
from pathlib import Path
from statistics import median

from posters import noise, waves


def perceptual_hash(pixels):
    height, width, _ = pixels.shape
    luma = (0.299 * pixels[..., 0] + 0.587 * pixels[..., 1] + 0.114 * pixels[..., 2]).tolist()
    h, w = height // 32, width // 32
    cell = lambda y, x: sum(luma[y * h + i][x * w + j] for i in range(h) for j in range(w)) / (h * w)
    cells = [[cell(y, x) for x in range(32)] for y in range(32)]
    wave = lambda i, f: cos(pi * (2 * i + 1) * f / 64)
    coefficients = [
        sum(cells[y][x] * wave(y, down) * wave(x, across) for y in range(32) for x in range(32))
        for down in range(1, 9)
        for across in range(1, 9)
    ]
    middle = median(coefficients)
    # the nearest coefficient to the median must not depend on rounding
    assert min(abs(c - middle) for c in coefficients) > 1e-6
    return "".join("1" if c > middle else "0" for c in coefficients)


PICTURES = [[224, 224, 5, 3], [224, 224, 0, 9], [224, 224, 12, 0], [224, 224, 40, 33], [224, 320, 7, 2], [64, 32, 3, 80]]
cases = [{"waves": p, "bits": perceptual_hash(waves(*p))} for p in PICTURES]
golden = {"cases": cases, "noise": perceptual_hash(noise(224, 224))}
Path(__file__).with_name("hash.json").write_text(json.dumps(golden) + "\n")
