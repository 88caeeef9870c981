"""Runs one notebook with the TypeScript kernel and keeps the executed copy, up to a failure too.

    python jupyter/run.py INPUT.ipynb OUTPUT.ipynb [--cwd FOLDER] [--parameters JSON]

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted. A second Ctrl-C does not wait for the cell.
"""

import argparse
import asyncio
import hashlib
import json
import os
import secrets
import signal
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
# what follows takes a second to load, in which Ctrl-C has nothing to clean up
signal.signal(signal.SIGINT, lambda *_: os._exit(130))
# the kernel of this folder comes first; what IPython's libraries write goes with the run
os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, [str(HERE), os.environ.get("JUPYTER_PATH")]))
runtime = tempfile.TemporaryDirectory(prefix="movie-revenue-")
os.environ["IPYTHONDIR"] = runtime.name

import nbformat  # noqa: E402
from jupyter_client.manager import AsyncKernelManager  # noqa: E402
from nbclient.exceptions import DeadKernelError  # noqa: E402
from papermill import PapermillExecutionError, execute_notebook  # noqa: E402
from papermill.iorw import LocalHandler, papermill_io  # noqa: E402
from papermill_typescript import TypeScript  # noqa: E402

KERNEL = "tslab"
# npm, node and this program hear the same Ctrl-C, and each may pass it on
SAME_KEYPRESS_SECONDS = 1.0
ARRIVAL_SECONDS = 0.3


class Failure(Exception):
    """One sentence for the user."""


class TracedFiles(LocalHandler):
    """
    A notebook that is read remembers the SHA-256 of its file, so that its executed copy, and each figure in it, can be
    traced to what a run's manifest names. One that is written is met whole by a reader, or a kill at any moment.
    """

    def read(self, path):
        notebook = json.loads(super().read(path))
        sha256 = hashlib.sha256(Path(path).read_bytes()).hexdigest()
        notebook.setdefault("metadata", {})["movie_revenue"] = {"source_sha256": sha256}
        return json.dumps(notebook)

    def write(self, buf, path):
        # named as lib/src/system/files.ts names them, so that what a kill leaves is swept with the rest of the run
        beside = f"{path}.{os.getpid()}-{secrets.token_hex(6)}.tmp"
        try:
            super().write(buf, beside)
            sync(beside)
            os.replace(beside, path)
            sync(Path(path).parent)
        finally:
            Path(beside).unlink(missing_ok=True)


def sync(path):
    """Has a file, or what a folder lists, written to the disk. Windows opens no folder."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Run:
    """Where the run stands, as its cells and Ctrl-C move it."""

    def __init__(self, name, total):
        self.name, self.total = name, total
        self.cell = 0
        self.kernel = None
        self.interrupted_at = None
        self.sent_at = 0.0

    def start_cell(self, cell, cell_index):
        if self.interrupted_at:
            raise KeyboardInterrupt
        self.cell += 1
        self.sent_at = time.monotonic()
        print(f"{self.name}: cell {self.cell}/{self.total}", file=sys.stderr, flush=True)

    def interrupt(self, *_):
        now = time.monotonic()
        if self.interrupted_at is None:
            self.interrupted_at = now
            try:
                loop = asyncio.get_running_loop()
            except RuntimeError:
                return  # between two cells: the next one does not start
            if self.kernel and self.kernel.has_kernel:
                # an interrupt sent with the cell itself may arrive first, and then means nothing to the kernel
                wait = max(0.0, self.sent_at + ARRIVAL_SECONDS - now)
                interrupt = lambda: loop.create_task(self.kernel.interrupt_kernel())  # noqa: E731
                loop.call_soon_threadsafe(loop.call_later, wait, interrupt)
        elif now - self.interrupted_at > SAME_KEYPRESS_SECONDS:
            raise KeyboardInterrupt

    def kernel_manager(self):
        """A class, for nbclient makes the manager itself; what it has made can then be interrupted."""
        run = self

        class Manager(AsyncKernelManager):
            def __init__(self, *args, **options):
                super().__init__(*args, **options)
                run.kernel = self

        return Manager


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--cwd", type=Path, help="where the cells run (default: the notebook's folder)")
    parser.add_argument("--parameters", default="{}", help='values for its "parameters" cell, as a JSON object')
    options = parser.parse_args(arguments)
    name = options.input.name
    try:
        notebook = read(options.input)
        parameters = check_parameters(notebook, name, options.parameters)
        execute(notebook, parameters, options)
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt as interrupt:
        print(f"{name} was interrupted{interrupt}; what was executed is in {options.output}.", file=sys.stderr)
        return 130
    return 0


def read(path):
    try:
        notebook = nbformat.read(path, as_version=4)
        # reading only warns of cells without a source, tags that are no list, and the like
        nbformat.validate(notebook)
        return notebook
    except OSError as error:
        raise Failure(f"{path} could not be read: {error.strerror}.") from None
    except Exception:
        raise Failure(f"{path} is not a Jupyter notebook.") from None


def check_parameters(notebook, name, text):
    try:
        parameters = json.loads(text)
    except ValueError:
        parameters = None
    if not isinstance(parameters, dict):
        raise Failure(f"--parameters must be a JSON object, and {text} is none.")
    tagged = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    known = [parameter.name for cell in tagged[:1] for parameter in TypeScript.inspect(cell)]
    for parameter in parameters:
        if parameter not in known:
            declared = ", ".join(known) or "nothing"
            raise Failure(f'{name} has no parameter "{parameter}": its cell tagged "parameters" declares {declared}.')
    return parameters


def execute(notebook, parameters, options):
    cwd = (options.cwd or options.input.parent).resolve()
    if not cwd.is_dir():
        raise Failure(f"There is no folder {cwd} to run {options.input.name} in.")
    # one more for the parameters; cells without code are skipped
    total = sum(cell.cell_type == "code" and bool(cell.source.strip()) for cell in notebook.cells) + bool(parameters)
    run = Run(options.input.name, total)
    signal.signal(signal.SIGINT, run.interrupt)
    # every absolute path: papermill overrules another "local" by its own
    papermill_io.register("/", TracedFiles())
    output = options.output.resolve()
    output.parent.mkdir(parents=True, exist_ok=True)
    try:
        execute_notebook(
            literal(options.input.resolve()),
            literal(output),
            parameters,
            kernel_name=KERNEL,
            language="typescript",
            cwd=cwd,
            progress_bar=False,
            on_cell_execute=run.start_cell,
            kernel_manager_class=run.kernel_manager(),
        )
    except PapermillExecutionError as error:
        message = " ".join(error.evalue.split())
        if run.interrupted_at:
            raise KeyboardInterrupt(f" in cell [{error.exec_count}]: {message.rstrip('.')}") from None
        raise Failure(f"{run.name} failed in cell [{error.exec_count}]: {error.ename}: {message}") from None
    except DeadKernelError:
        raise Failure(f"{run.name} failed in cell [{run.cell}]: its kernel died; memory may have run out.") from None
    except OSError as error:
        raise Failure(f"{output} could not be written: {error.strerror}.") from None
    if run.interrupted_at:
        raise KeyboardInterrupt


def literal(path):
    """papermill reads a path as a template."""
    return str(path).replace("{", "{{").replace("}", "}}")


if __name__ == "__main__":
    code = main(sys.argv[1:])
    runtime.cleanup()
    sys.exit(code)
