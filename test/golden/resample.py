"""Writes resample.json: what Pillow's bilinear resize gives. Run with pillow 13: python test/golden/resample.py"""

import hashlib
import json
from pathlib import Path

import numpy as np
import PIL
from PIL import Image
from posters import noise

# (from width, height) → (to width, height); the first is the usual poster, reduced in height and enlarged in width
SHAPES = [
    ((185, 278), (224, 224)),
    ((200, 300), (224, 224)),
    ((150, 222), (224, 224)),
    ((224, 224), (224, 224)),
    ((224, 278), (224, 224)),
    ((278, 224), (224, 224)),
    ((1, 1), (224, 224)),
    ((1, 400), (224, 224)),
    ((3, 500), (224, 224)),
    ((500, 3), (224, 224)),
    ((2000, 3000), (224, 224)),
    # both orders of the passes, and sizes that are no multiple of the eight bytes worked on at once
    ((30, 36), (24, 24)),
    ((29, 36), (24, 24)),
    ((97, 131), (37, 53)),
    ((97, 331), (37, 53)),
    ((185, 278), (224, 320)),
    ((11, 7), (1, 1)),
    ((5, 5), (3, 2)),
]


def case(start, end):
    resized = np.asarray(Image.fromarray(noise(*start)).resize(end, Image.BILINEAR))
    return {
        "from": start,
        "to": end,
        "sha256": hashlib.sha256(resized.tobytes()).hexdigest(),
        "first": resized.ravel()[:6].tolist(),
    }


golden = {"pillow": PIL.__version__, "cases": [case(*shape) for shape in SHAPES]}
Path(__file__).with_name("resample.json").write_text(json.dumps(golden) + "\n")
