"""python bench/catalogue.py [ROWS]

Filters rows (default 100,000) by revenue and dedupes them by id, by polars."""

import numpy as np
import polars as pl
from shared import main, noise, rate_of

USUAL = 100_000


def prepared(rows):
    """How many rows fell for which reason, the films, and each dropped row with what its poster is beside the kept."""
    revenue = pl.col("revenue")
    reasons = rows.select(unknown=revenue.is_null().sum(), low=(revenue <= 10_000_000).sum())
    kept = rows.filter(revenue > 10_000_000)
    first = pl.col("id").is_first_distinct()
    films = kept.filter(first)
    pairs = kept.filter(~first).join(films.select("id", "row", "sha256", "hash"), on="id", suffix="_kept")
    differing = (pl.col("hash") ^ pl.col("hash_kept")).bitwise_count_ones()
    kind = (
        pl.when(pl.col("sha256") == pl.col("sha256_kept"))
        .then(pl.lit("sameBytes"))
        .when(differing <= 8)
        .then(pl.lit("samePicture"))
        .otherwise(pl.lit("otherArtwork"))
    )
    dropped = pairs.select("id", "row", "row_kept", kind=kind)
    return reasons.row(0, named=True), films, dropped, dict(dropped["kind"].value_counts().iter_rows())


def invent_rows(count, films):
    """The rows of catalogue.mjs."""
    row = np.arange(count)
    film = row % films
    again = row >= films
    byte = noise(films)[film].astype(np.int64)
    sha = np.where(again & (row % 3 > 0), row, film)
    flipped = np.where(again, np.array([0, 7, 0xFFFF])[row % 3], 0)
    return pl.DataFrame(
        {
            "row": row,
            "id": film + 1,
            "title": [f"Film {number + 1}" for number in film],
            "genres": [["Drama"]] * count,
            "release_date": ["2001-02-03"] * count,
            "year": np.full(count, 2001),
            "revenue": pl.Series(byte * 140_000 + film).set(pl.Series(byte < 16), None),
            "sha256": [f"{number:x}"[::-1].ljust(64, "0") for number in sha],
            "hash": (film * 40_503 ^ flipped).astype(np.uint64),
        }
    )


def measure(size=USUAL):
    count = int(size)
    rounds = max(1, round(20 * USUAL / count))
    rows = invent_rows(count, round(0.712 * count))
    rate_of(lambda: prepared(rows), count, -(-rounds // 4))
    rate = rate_of(lambda: prepared(rows), count, rounds)
    reasons, films, dropped, duplicates = prepared(rows)
    sums = {"ids": films["id"].sum(), "kept": dropped["row_kept"].sum()}
    checksum = {"films": films.height, **sums, **reasons, **duplicates}
    return {"name": "catalogue", "unit": "rows/s", "rate": rate, "checksum": checksum}


if __name__ == "__main__":
    main(measure)
