"""python bench/ingest.py

Streams the generated hub of 20,000 rows by Hugging Face datasets: rows above $10M, their posters at 224 × 224."""

import io
import os
import pathlib
import subprocess
import tempfile
import time

import datasets
from PIL import Image
from shared import main

ROWS = 20_000


def measure():
    here = pathlib.Path(__file__).parent
    with tempfile.TemporaryDirectory() as folder:
        datasets.config.HF_DATASETS_CACHE = pathlib.Path(folder, "cache")
        server = ["node", str(here / "hub-server.mjs"), f"{folder}/hub", str(ROWS)]
        with subprocess.Popen(server, stdout=subprocess.PIPE, text=True) as hub:
            try:
                url = hub.stdout.readline().strip()
                shards = sorted(pathlib.Path(folder, "hub").glob("*.parquet"))
                megabytes = sum(shard.stat().st_size for shard in shards) / 1e6
                resolve = f"{url}/datasets/owner/films/resolve/{'1' * 40}/data"
                start = time.perf_counter()
                kept = ingest([f"{resolve}/{shard.name}" for shard in shards])
                rate = megabytes / (time.perf_counter() - start)
            finally:
                hub.terminate()
    return {"name": "ingest", "unit": "MB/s", "rate": rate, "checksum": {"films": len(kept), "ids": sum(kept)}}


def ingest(urls):
    """Ids of the films above $10M, each with a poster that could be decoded and resized."""
    rows = datasets.load_dataset("parquet", data_files=urls, split="train", streaming=True)
    rows = rows.filter(lambda revenue: revenue > 10_000_000, input_columns="revenue")
    ids = set()
    for row in rows:
        Image.open(io.BytesIO(row["image"]["bytes"])).convert("RGB").resize((224, 224), Image.Resampling.BILINEAR)
        ids.add(row["id"])
    return ids


if __name__ == "__main__":
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    main(measure)
