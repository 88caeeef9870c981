"""What every peer shares: --help, two threads, timing, memory, and the one line of JSON that run.mjs reads."""

import json
import re
import sys
import time
from pathlib import Path

import numpy as np

THREADS = 2


def main(measure):
    """Prints what `measure` returns for the arguments of the command line."""
    if "--help" in sys.argv:
        print(sys.modules["__main__"].__doc__)
    else:
        result = measure(*sys.argv[1:])
        print(json.dumps({**result, "residentMiB": resident_mib(), "cpuSeconds": time.process_time()}))


def resident_mib():
    """Most memory that this process has held. Not by getrusage on Linux: there it begins with what the parent held."""
    if sys.platform == "linux":
        status = Path("/proc/self/status").read_text()
        return round(int(re.search(r"^VmHWM:\s*(\d+) kB$", status, re.MULTILINE)[1]) / 1024)
    # imported here because Windows has no such module; macOS counts in bytes, other systems in KiB
    import resource

    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024))


def rate_of(work, amount, rounds=1):
    """How much is done in a second, where each round of work does `amount`."""
    start = time.perf_counter()
    for _ in range(rounds):
        work()
    return rounds * amount / (time.perf_counter() - start)


def noise(size):
    """The bytes of `noise` in shared.mjs."""
    return (np.arange(size, dtype=np.uint32) * np.uint32(2654435761) >> np.uint32(24)).astype(np.uint8)


def two_threads():
    """For PyTorch, which is imported here because not every peer needs it."""
    import torch

    torch.set_num_threads(THREADS)
