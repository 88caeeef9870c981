"""Writes decode.json: small JPEGs of synthetic pictures and Pillow's pixels of them. Run with pillow 13."""

import base64
import hashlib
import io
import json
from pathlib import Path

import PIL
from PIL import Image, ImageOps
from posters import waves


def encoded(image, **options):
    out = io.BytesIO()
    image.save(out, "JPEG", **options)
    return out.getvalue()


def orientation(value):
    exif = Image.Exif()
    exif[0x0112] = value
    return exif


rgb = Image.fromarray(waves(41, 54, 5, 3))
files = {
    "4:2:0": encoded(rgb, quality=85),
    "4:2:2": encoded(rgb, quality=85, subsampling="4:2:2"),
    "4:4:4": encoded(rgb, quality=60, subsampling="4:4:4"),
    "progressive": encoded(rgb, quality=75, progressive=True),
    "grey": encoded(rgb.convert("L"), quality=75),
    "one pixel": encoded(rgb.crop((0, 0, 1, 1))),
} | {f"turned, EXIF {i}": encoded(rgb, quality=75, exif=orientation(i)) for i in (2, 3, 6, 8)}


def case(name, jpeg):
    pixels = ImageOps.exif_transpose(Image.open(io.BytesIO(jpeg))).convert("RGB")
    return {
        "name": name,
        "jpeg": base64.b64encode(jpeg).decode(),
        "size": pixels.size,
        "sha256": hashlib.sha256(pixels.tobytes()).hexdigest(),
    }


# four plain quarters in print colours: red, green above blue, white
quarters = Image.new("RGB", (32, 32))
for colour, at in (("red", (0, 0)), ("lime", (16, 0)), ("blue", (0, 16)), ("white", (16, 16))):
    quarters.paste(Image.new("RGB", (16, 16), colour), at)
cmyk = encoded(quarters.convert("CMYK"), quality=95)

golden = {
    "pillow": PIL.__version__,
    "cases": [case(name, jpeg) for name, jpeg in files.items()],
    "cmyk": base64.b64encode(cmyk).decode(),
}
Path(__file__).with_name("decode.json").write_text(json.dumps(golden) + "\n")
