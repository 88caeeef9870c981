"""Makes real_split.json: which films of the real posters are kept and how datasets splits them; only ids are hashed.

pip install datasets==5.2.0 pyarrow && python test/golden/real_split.py FOLDER OF PARQUET FILES
"""

import hashlib
import json
import sys
from pathlib import Path

import pyarrow.parquet as pq
from datasets import Dataset

files = sorted(Path(sys.argv[1]).glob("*.parquet"))
rows = [row for file in files for row in pq.read_table(file, columns=["id", "revenue"]).to_pylist()]
above = [row["id"] for row in rows if row["revenue"] > 10_000_000]
films = Dataset.from_dict({"id": list(dict.fromkeys(above))})
outer = films.train_test_split(test_size=0.1, seed=42)
inner = outer["train"].train_test_split(test_size=0.1, seed=42)
splits = {"train": inner["train"], "validation": inner["test"], "test": outer["test"]}


def digest(ids):
    return hashlib.sha256(",".join(map(str, ids)).encode()).hexdigest()


golden = {
    "rows": len(rows),
    "aboveThreshold": len(above),
    "films": len(films),
    "splits": {name: {"films": len(part), "ids": digest(part["id"])} for name, part in splits.items()},
}
Path(__file__).with_suffix(".json").write_text(json.dumps(golden, indent=2) + "\n")
