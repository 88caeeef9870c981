"""python bench/ray-speedup.py

How much faster Ray ends 256 tasks that sleep for half a second, by workers: what scheduling costs, whatever the cores.
Needs Ray (see the README); the workers are on this machine."""

import sys
import time

import ray

TASKS = 256
SECONDS = 0.5
MOST = 64


@ray.remote
def nap():
    time.sleep(SECONDS)


def seconds_by(workers):
    """Seconds for all tasks on so many workers: each takes its share of the cores that Ray counts."""
    share = nap.options(num_cpus=MOST / workers)
    start = time.perf_counter()
    ray.get([share.remote() for _ in range(TASKS)])
    return time.perf_counter() - start


def main():
    if "--help" in sys.argv:
        return print(__doc__)
    ray.init(num_cpus=MOST, log_to_driver=False, logging_level="ERROR")
    # the workers are started once, before the clock
    ray.get([nap.options(num_cpus=1).remote() for _ in range(2 * MOST)])
    print("| workers | seconds | faster than one alone | of the ideal |\n|---|---|---|---|")
    for workers in (1, 2, 4, 8, 16, 32, 64):
        seconds = seconds_by(workers)
        faster = TASKS * SECONDS / seconds
        print(f"| {workers} | {seconds:.1f} | {faster:.1f} × | {faster / workers:.0%} |", flush=True)


if __name__ == "__main__":
    main()
