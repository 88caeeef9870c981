import { Ledger, readLedger, type Seen } from "../catalogue/ledger";
import type { Source } from "../catalogue/source";
import { type PixelCache, type ReadOptions, readPixels } from "./pixels";

/**
 * What the posters of these rows (ascending) are. A source with a ledger is asked only for those that are not noted there,
 * or no longer kept, and what it gives is reduced, kept and noted; the others come first.
 */
export async function* seePosters(source: Source, rows: readonly number[], options: ReadOptions): AsyncGenerator<Seen> {
  const { cache, onProgress: _drawnByTheSource, ...rest } = options;
  if (!source.ledger) return yield* readPixels(source.posters(rows), options);
  const size = `${cache.size.width}x${cache.size.height}`;
  const missing = new Set(rows);
  const ledger = await Ledger.open(source.ledger, size);
  try {
    for await (const seen of known(source.ledger, { size, cache, missing, ledger })) {
      if (missing.delete(seen.row)) yield seen;
    }
    const posters = source.posters(rows.filter((row) => missing.has(row)));
    for await (const poster of readPixels(posters, { ...rest, cache, reduced: true })) {
      await ledger.note(poster);
      yield poster;
    }
  } finally {
    await ledger.close();
  }
}

interface Knowing {
  size: string;
  cache: PixelCache;
  missing: ReadonlySet<number>;
  ledger: Ledger;
}

/** What is noted of missing rows and still kept. What was noted at another size is looked at again, and noted at this one. */
async function* known(path: string, { size, cache, missing, ledger }: Knowing): AsyncGenerator<Seen> {
  const otherwise = new Map<number, string>();
  for await (const seen of readLedger(path, size)) {
    if (!missing.has(seen.row)) continue;
    if ("reason" in seen) yield seen;
    else if (!cache.has(seen.sha256)) continue;
    else if (seen.hash === null) otherwise.set(seen.row, seen.sha256);
    else yield seen;
  }
  for (const [row, sha256] of otherwise) {
    const look = missing.has(row) ? await cache.look(sha256) : null;
    if (!look) continue;
    await ledger.note({ row, sha256, hash: look.hash });
    yield { row, sha256, hash: look.hash };
  }
}
