"""Reads damaged notebooks as jupyter/run.py does: each must be read or be refused with one sentence.

    python notebooks.py COUNT NOTEBOOK.ipynb…        prints {"inputs": …, "refused": …, "failures": […]}
"""

import contextlib
import copy
import importlib.util
import io
import json
import random
import sys
import tempfile
import warnings
from pathlib import Path

count, paths = int(sys.argv[1]), sys.argv[2:]
spec = importlib.util.spec_from_file_location("run", Path(__file__).resolve().parents[2] / "jupyter/run.py")
run = importlib.util.module_from_spec(spec)
spec.loader.exec_module(run)

ODD = [None, True, 0, -1, 1e308, "", "x\0y", "\ud800", "\u202e", "<script>", [], {}, [[]], {"a": None}, "x" * 100_000, [1, "a", None]]
PARAMETERS = ["{}", '{"run": "x"}', '{"__proto__": 1}', "[]", "", "{", "null", '{"run": "' + "x" * 1000 + '"}']


def places(tree):
    """Every place of a tree: a container, and a key of it."""
    pairs = list(tree.items()) if isinstance(tree, dict) else list(enumerate(tree)) if isinstance(tree, list) else []
    for key, part in pairs:
        yield tree, key
        yield from places(part)


def damaged(text, rng):
    """Bytes cut or flipped, or one to three values of the tree replaced, removed or repeated."""
    if rng.random() < 0.3:
        content = bytearray(text.encode())
        if rng.random() < 0.5:
            return bytes(content[: rng.randrange(len(content))])
        for _ in range(rng.randint(1, 5)):
            content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        return bytes(content)
    tree = json.loads(text)
    for _ in range(rng.randint(1, 3)):
        # most of a notebook is lines of source: its structure is above them
        container, key = rng.choice([place for place in places(tree) if isinstance(place[0], dict) or rng.random() < 0.1])
        what = rng.random()
        if what < 0.6:
            container[key] = copy.deepcopy(rng.choice(ODD))
        elif isinstance(container, dict):
            container.pop(key)
        else:
            container.insert(key, copy.deepcopy(container[key]))
    return json.dumps(tree).encode("utf-8", "surrogatepass")


def outcome(path, parameters):
    """None where the notebook can be run, or the sentence that refuses it."""
    try:
        notebook = run.read(path)
        run.check_parameters(notebook, path.name, parameters)
        # what execute() reads of every cell
        [cell.source.strip() for cell in notebook.cells if cell.cell_type == "code"]
    except run.Failure as failure:
        return str(failure)
    return None


refused, failures = 0, []
texts = [Path(path).read_text() for path in paths]
with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
    warnings.simplefilter("ignore")
    path = Path(folder) / "n.ipynb"
    for seed in range(count):
        rng = random.Random(seed)
        path.write_bytes(damaged(rng.choice(texts), rng))
        try:
            said = outcome(path, rng.choice(PARAMETERS))
            refused += said is not None
            if said is not None and (not said or len(said) > 2000 or any(ord(sign) < 32 for sign in said)):
                failures.append(f"{seed}: {said[:200]!r}")
        except Exception as error:
            failures.append(f"{seed}: {type(error).__name__}: {error}")
print(json.dumps({"inputs": count, "refused": refused, "failures": failures[:10]}))
