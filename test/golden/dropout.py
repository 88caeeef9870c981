"""Prints which of ten units a dropout mask of rate .5 keeps (1), for seed 1, step 0, layer 0: dropout.test.ts has it.

pip install numpy
python test/golden/dropout.py
"""

import numpy as np

MASK = 2**32 - 1


def sfc32(a, b, c, count):
    """The generator of Chris Doty-Humphrey's PractRand, begun at counter 1."""
    for counter in range(1, count + 1):
        draw = (a + b + counter) & MASK
        a, b, c = b ^ (b >> 9), (c + (c << 3)) & MASK, (((c << 21) & MASK | c >> 11) + draw) & MASK
        yield draw


def main():
    # the seed, the stream of dropout, the step, the layer
    seeds = np.random.default_rng([1, 2, 0, 0]).integers(0, 2**32, 3, dtype=np.uint32)
    halves = [half for draw in sfc32(*map(int, seeds), 5) for half in (draw & 0xFFFF, draw >> 16)]
    print("".join("0" if half < 2**15 else "1" for half in halves))


main()
