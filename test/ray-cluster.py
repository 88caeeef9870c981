"""A Ray cluster of three nodes on this machine, one core each: prints its address and that of its client server, and then,
for each line on stdin: `worker` kills a worker in the middle of a task, `node` takes a node away that is in the middle of
one, `client` kills the process that the client server starts for the next client; it answers when that is done."""

import os
import signal
import socket
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


def is_below(pid, ancestor, parent):
    while pid > 1 and pid != ancestor:
        pid = parent.get(pid, 0)
    return pid == ancestor


def awaited(is_meant):
    """The first process of this cluster with such a command line."""
    for _ in range(1800):
        parent = parents()
        for pid in parent:
            try:
                command = Path(f"/proc/{pid}/cmdline").read_bytes()
            except OSError:
                continue
            if is_meant(command) and is_below(pid, os.getpid(), parent):
                return pid
        time.sleep(0.1)
    raise SystemExit("no such process runs")


def busy_worker():
    """A worker that runs a task: Ray names it so for as long as it does."""
    return awaited(lambda command: command.startswith(b"ray::run"))


def busy_node(nodes):
    """The node whose raylet began a worker that runs a task."""
    worker, parent = busy_worker(), parents()
    return next(node for node in nodes if is_below(worker, node.all_processes["raylet"][0].process.pid, parent))


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def main():
    # half as long as usual until a client's process is given up
    os.environ["RAY_CLIENT_SERVER_CHECK_CHANNEL_TIMEOUT_S"] = "15"
    # the head has no core: every task is on a node that can be lost
    port = free_port()
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "ray_client_server_port": port})
    nodes = [cluster.add_node(num_cpus=1) for _ in range(3)]
    cluster.wait_for_nodes()
    print(cluster.address, f"ray://127.0.0.1:{port}", flush=True)
    for line in sys.stdin:
        if line.strip() == "worker":
            os.kill(busy_worker(), signal.SIGKILL)
        elif line.strip() == "client":
            os.kill(awaited(lambda command: b"--mode=specific-server" in command), signal.SIGKILL)
        else:
            lost = busy_node(nodes)
            nodes.remove(lost)
            cluster.remove_node(lost, allow_graceful=False)
        print(line.strip(), flush=True)
    cluster.shutdown()


if __name__ == "__main__":
    main()
