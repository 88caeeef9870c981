"""A Ray cluster of three nodes on this machine, one core each: prints its address, and then, for each line on stdin:
`worker` kills a worker in the middle of a task, `node` takes a node away at once; it answers when that is done."""

import os
import signal
import sys
import time
from pathlib import Path

from ray.cluster_utils import Cluster


def parents():
    """The parent of every process."""
    found = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            found[int(status.parent.name)] = int(status.read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
    return found


def is_ours(pid, parent):
    while pid > 1 and pid != os.getpid():
        pid = parent.get(pid, 0)
    return pid == os.getpid()


def busy_workers():
    """Processes of this cluster that run a task: Ray names them so for as long as they do."""
    parent = parents()
    for pid in parent:
        try:
            name = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            continue
        if name.startswith(b"ray::run") and is_ours(pid, parent):
            yield pid


def kill_worker():
    for _ in range(600):
        for pid in busy_workers():
            os.kill(pid, signal.SIGKILL)
            return
        time.sleep(0.1)
    raise SystemExit("no worker runs a task")


def main():
    # the head has no core: every task is on a node that can be lost
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    nodes = [cluster.add_node(num_cpus=1) for _ in range(3)]
    cluster.wait_for_nodes()
    print(cluster.address, flush=True)
    for line in sys.stdin:
        if line.strip() == "worker":
            kill_worker()
        else:
            cluster.remove_node(nodes.pop(), allow_graceful=False)
        print(line.strip(), flush=True)
    cluster.shutdown()


if __name__ == "__main__":
    main()
