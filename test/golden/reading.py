"""Draws reading.png, a poster with lines of lettering, and writes reading.json: what RapidOCR reads on it at twice its size,
and the pieces of texts by scikit-learn.
Run with rapidocr 3.10, Pillow 13 and scikit-learn 1.9: python test/golden/reading.py"""

import json
import re
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from rapidocr import RapidOCR
from sklearn.feature_extraction.text import CountVectorizer

HERE = Path(__file__).parent
WIDTH, HEIGHT = 224, 320
# text, size, left, top, colour
LINES = [
    ("JOAN DOE", 14, 20, 12, (240, 240, 240)),
    ("SAM POE", 14, 130, 12, (240, 240, 240)),
    ("THE LONG WAY", 30, 10, 120, (250, 210, 60)),
    ("Home 2", 44, 50, 160, (250, 210, 60)),
    ("in every cinema this June", 12, 40, 290, (20, 20, 20)),
]
TEXTS = ["THE LONG WAY\nHome 2", "Ö.K.\n\n--\n007", "千と千尋の神隠し x", "", "a b c d e f g"]


def poster():
    across = np.linspace(40, 200, WIDTH)[None, :, None]
    down = np.linspace(0, 120, HEIGHT)[:, None, None]
    shade = (across * [0.4, 0.5, 0.9] + down * [0.9, 0.7, 0.3]).clip(0, 255).astype(np.uint8)
    picture = Image.fromarray(shade)
    draw = ImageDraw.Draw(picture)
    for text, size, left, top, colour in LINES:
        draw.text((left, top), text, fill=colour, font=ImageFont.load_default(size))
    return picture


def read(picture):
    twice = picture.resize((2 * WIDTH, 2 * HEIGHT), Image.Resampling.BILINEAR)
    engine = RapidOCR(
        params={
            "Global.use_cls": False,
            "Global.text_score": 0.6,
            "Det.limit_type": "max",
            "Det.limit_side_len": 640,
            "Det.mean": [0.485, 0.456, 0.406],
            "Det.std": [0.229, 0.224, 0.225],
        }
    )
    found = engine(np.asarray(twice)[:, :, ::-1])
    lines = []
    for corners, text, sure in zip(found.boxes, found.txts, found.scores):
        (left, top), (right, bottom) = corners.min(0), corners.max(0)
        box = {"x": left, "y": top, "width": right - left, "height": bottom - top}
        lines.append({"text": text, "sure": round(float(sure), 3), **{key: round(float(v)) for key, v in box.items()}})
    return lines


def pieces(text):
    lines = [re.sub(r"[\W_]", "", line) for line in text.lower().split("\n")]
    analyse = CountVectorizer(analyzer="char_wb", ngram_range=(4, 6)).build_analyzer()
    return sorted(piece for line in lines for piece in analyse(line))


picture = poster()
picture.save(HERE / "reading.png", optimize=True)
golden = {"lines": read(picture), "pieces": [{"text": text, "pieces": pieces(text)} for text in TEXTS]}
(HERE / "reading.json").write_text(json.dumps(golden, ensure_ascii=False, indent=1) + "\n")
