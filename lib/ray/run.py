"""Runs movie-revenue commands on a Ray cluster: a job as JSON on stdin, a line of JSON on stdout for each task that ended.

The job is {"address": str | null, "command": [str, …], "cpus": number, "tasks": [{"id", "args", "inputs", "outputs"}, …]}.
A task's inputs (name → path here) are laid into a folder on the node that Ray chooses, `{in}` in its args; what the
command leaves in the folder `{out}`, which is also its folder of runs, comes back and is written under `outputs` here.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import ray

# a client's process, node or worker that is lost, or a command that is killed, costs another attempt, and no result
ATTEMPTS = 5
# so many tasks for each core wait on the cluster, for their inputs lie in its memory
WAITING_PER_CORE = 2
# a run with this file is whole
LAST = "calibration.json"


# a class of this file is unknown to a client server
@ray.remote(max_retries=ATTEMPTS, retry_exceptions=[ChildProcessError])
def run(command, args, inputs):
    with tempfile.TemporaryDirectory(prefix="movie-revenue-") as folder:
        places = {name: Path(folder, name) for name in ("in", "out")}
        for place in places.values():
            place.mkdir()
        for name, content in inputs.items():
            (places["in"] / name).write_bytes(content)
        filled = [arg.replace("{in}", str(places["in"])).replace("{out}", str(places["out"])) for arg in args]
        environment = {**os.environ, "MOVIE_REVENUE_RUNS": str(places["out"])}
        done = subprocess.run([*command, *filled], env=environment, capture_output=True, text=True, check=False)
        if done.returncode < 0:
            raise ChildProcessError(f"ended by signal {-done.returncode}")
        found = (path for path in places["out"].rglob("*") if path.is_file())
        outputs = {str(path.relative_to(places["out"])): path.read_bytes() for path in found}
        return done.returncode, done.stderr[-2000:], outputs


def connect(address):
    """Joins the cluster. A client server forks a process for each client, and the first may die at once: another is
    asked for."""
    for attempt in range(ATTEMPTS):
        try:
            return ray.init(address=address, log_to_driver=False, logging_level="ERROR")
        except ConnectionAbortedError:
            if attempt == ATTEMPTS - 1:
                raise


def main():
    job = json.load(sys.stdin)
    # Ray says much; what is for the caller goes to the real stdout alone
    told = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    connect(job["address"])
    waiting = list(reversed(job["tasks"]))
    running = {}
    while waiting or running:
        most = WAITING_PER_CORE * max(1, int(ray.cluster_resources().get("CPU", 1)))
        while waiting and len(running) < most:
            task = waiting.pop()
            inputs = {name: Path(path).read_bytes() for name, path in task["inputs"].items()}
            running[run.options(num_cpus=job["cpus"]).remote(job["command"], task["args"], inputs)] = task
        for done in ray.wait(list(running), num_returns=1)[0]:
            task = running.pop(done)
            code, complaint, outputs = ray.get(done)
            for name in sorted(outputs, key=lambda name: name.endswith(LAST)):
                path = Path(task["outputs"], name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(outputs[name])
            print(json.dumps({"id": task["id"], "code": code, "complaint": complaint}), file=told, flush=True)


if __name__ == "__main__":
    main()
