"""python bench/ray-speedup.py

How much faster Ray ends 256 tasks that sleep for a second, by workers: what scheduling costs, whatever the cores.
Needs Ray (see the README); the workers are on this machine, and are started before the clock."""

import os
import sys
import time

import ray

TASKS = 256
SECONDS = 1
MOST = 64


@ray.remote
def nap():
    time.sleep(SECONDS)
    return os.getpid()


def seconds_by(workers):
    """Seconds for all tasks on so many workers: each takes its share of the cores that Ray counts."""
    share = nap.options(num_cpus=MOST / workers)
    start = time.perf_counter()
    ray.get([share.remote() for _ in range(TASKS)])
    return time.perf_counter() - start


def main():
    if "--help" in sys.argv:
        return print(__doc__)
    # without these Ray ends idle workers after a second, and what is timed is the start of Python
    keeping = {"idle_worker_killing_time_threshold_ms": 3_600_000, "num_workers_soft_limit": MOST}
    ray.init(num_cpus=MOST, log_to_driver=False, logging_level="ERROR", _system_config=keeping)
    while len(set(ray.get([nap.remote() for _ in range(MOST)]))) < MOST:
        pass
    print("| workers | seconds | faster than one alone | of the ideal |\n|---|---|---|---|")
    for workers in (4, 8, 16, 32, 64):
        seconds = seconds_by(workers)
        faster = TASKS * SECONDS / seconds
        print(f"| {workers} | {seconds:.1f} | {faster:.1f} × | {faster / workers:.0%} |", flush=True)


if __name__ == "__main__":
    main()
