"""The synthetic pictures of resample.py, decode.py and hash.py; test/pictures.ts draws the same."""

import numpy as np


def noise(width, height):
    """Bytes without any pattern, from 32-bit multiplications: the hardest case for rounding."""
    i = np.arange(width * height * 3, dtype=np.uint32)
    mixed = (i ^ (i >> np.uint32(7))) * np.uint32(2654435761)
    return (mixed >> np.uint32(24)).astype(np.uint8).reshape(height, width, 3)


def waves(width, height, a, b):
    """A smooth picture of whole numbers: parabolas across and down, of different period in each channel."""
    y, x, c = np.mgrid[0:height, 0:width, 0:3]
    return ((x * x * a // 61 + y * y * b // 53 + x * y // 17 + c * 71) // 3 % 256).astype(np.uint8)
