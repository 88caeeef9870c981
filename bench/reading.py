"""python bench/reading.py

Reads what is written on a drawn poster, again and again, by RapidOCR with the same networks on two threads."""

import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image
from rapidocr import RapidOCR
from shared import THREADS, main, rate_of

POSTERS = 24


def reader():
    return RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.use_cls": False,
            "Global.text_score": 0.6,
            "Det.limit_type": "max",
            "Det.limit_side_len": 640,
            "Det.mean": [0.485, 0.456, 0.406],
            "Det.std": [0.229, 0.224, 0.225],
            # one poster on each thread
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        }
    )


def measure():
    picture = Image.open(Path(__file__).parent / "../test/golden/reading.png").convert("RGB")
    twice = (2 * picture.width, 2 * picture.height)
    readers = [reader() for _ in range(THREADS)]

    def read(engine):
        return engine(np.asarray(picture.resize(twice, Image.Resampling.BILINEAR))[:, :, ::-1]).txts

    def read_part(engine):
        for _ in range(POSTERS // THREADS):
            read(engine)

    lines = [list(read(engine)) for engine in readers][0]
    with ThreadPoolExecutor(THREADS) as pool:
        rate = rate_of(lambda: list(pool.map(read_part, readers)), POSTERS, 3)
    checksum = {"lines": len(lines), "text": zlib.crc32("\n".join(lines).encode())}
    return {"name": "reading", "unit": "posters/s", "rate": rate, "checksum": checksum}


main(measure)
