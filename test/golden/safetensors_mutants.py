"""What the reference reader (safetensors of Rust, through Python) makes of 5,000 damaged files.

Each file is BASE with one kind of damage, drawn by numpy's generator, which the library's `Random` equals bit for bit:
test/trust/safetensors.test.ts makes the same files. A verdict is 0 (refused), F (read, float32 and the batch counter
alone) or x (read, with another type). Written to safetensors-mutants.json.
"""

import json
import re
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, deserialize

FILES = 5000
HEADER = (
    '{"__metadata__":{"epoch":"3"},'
    '"head.0.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},'
    '"head.0.bias":{"dtype":"F32","shape":[2],"data_offsets":[24,32]},'
    '"bn.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[32,40]},'
    '"none":{"dtype":"F32","shape":[0,4],"data_offsets":[40,40]}}     '
).encode()
DATA = bytes(range(40))
SIGNS = b'{}[]",:0123456789-.eE\\ n\x00\xff'
NUMBERS = "0 1 2 4 8 24 32 40 -1 1.5 1e3 4294967296 9007199254740993 18446744073709551615 18446744073709551616".split()


def with_header(header: bytes, data: bytes = DATA) -> bytes:
    return len(header).to_bytes(8, "little") + header + data


def mutant(seed: int) -> bytes:
    rng = np.random.default_rng(seed)
    draw = lambda bound: int(rng.integers(0, bound))
    base = with_header(HEADER)
    kind = draw(8)
    if kind == 0:
        return base[: draw(len(base))]
    if kind == 1:
        damaged = bytearray(base)
        for _ in range(1 + draw(3)):
            at = draw(len(base))
            damaged[at] ^= 1 << draw(8)
        return bytes(damaged)
    if kind == 2:
        damaged = bytearray(base)
        at = draw(8)
        damaged[at] = draw(256)
        return bytes(damaged)
    if kind == 3:
        at = draw(len(HEADER))
        return with_header(HEADER[:at] + SIGNS[(i := draw(len(SIGNS))) : i + 1] + HEADER[at + 1 :])
    if kind == 4:
        at = draw(len(HEADER))
        return with_header(HEADER[:at] + SIGNS[(i := draw(len(SIGNS))) : i + 1] + HEADER[at:])
    if kind == 5:
        at = draw(len(HEADER))
        return with_header(HEADER[:at] + HEADER[at + 1 :])
    if kind == 6:
        return base + bytes(1 + draw(9))
    found = list(re.finditer(rb"\d+", HEADER))
    chosen = found[draw(len(found))]
    return with_header(HEADER[: chosen.start()] + NUMBERS[draw(len(NUMBERS))].encode() + HEADER[chosen.end() :])


def verdict(file: bytes) -> str:
    try:
        tensors = deserialize(file)
    except (SafetensorError, ValueError):
        return "0"
    read = all(t["dtype"] == "F32" or (t["dtype"] == "I64" and n.endswith(".num_batches_tracked")) for n, t in tensors)
    return "F" if read else "x"


if __name__ == "__main__":
    verdicts = "".join(verdict(mutant(seed)) for seed in range(FILES))
    Path(__file__).with_name("safetensors-mutants.json").write_text(json.dumps({"verdicts": verdicts}) + "\n")
