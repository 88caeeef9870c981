import { type DropReason, noneDropped, reasonToDrop } from "./catalogue/clean";
import { type Duplicate, dedupe, type Looked } from "./catalogue/dedupe";
import type { Row } from "./catalogue/film";
import { fingerprint } from "./catalogue/fingerprint";
import { openSource } from "./catalogue/open";
import { parseRow } from "./catalogue/row";
import type { Source } from "./catalogue/source";
import { type Splits, splitFilms, undatedFilms } from "./catalogue/split";
import type { Config } from "./config";
import { throwIfInterrupted, UserError } from "./errors";
import { assertNoLeaks, auditLeaks, type Leak, type LeakKind, withoutSharedPosters } from "./evaluation/leaks";
import { openPixels, type PixelCache } from "./posters/pixels";
import { REDUCED_VIEW } from "./posters/reduce";
import { seePosters } from "./posters/see";
import { type ProgressListener, ProgressMeter } from "./progress";
import { cacheFolder } from "./system/files";

export interface InvalidRow {
  row: number;
  reason: string;
}

/** The films of a source after reading, filtering and deduplication, and an account of all that was left out. */
export interface Catalogue {
  source: string;
  /** Rows read. */
  rows: number;
  /** Rows that cannot be used, with the reason. */
  invalid: InvalidRow[];
  /** Rows that the film filter drops, by reason. */
  dropped: Record<DropReason, number>;
  /** Rows that pass the film filter. */
  aboveThreshold: number;
  /** One row for each film. */
  films: Looked[];
  /** Rows dropped because their film was there already, by what their poster is beside the first. */
  duplicates: Record<Duplicate, number>;
  fingerprint: string;
  /** What the source had to say about itself, as images without a record. */
  notes: string[];
}

/** A catalogue with its films split in three. */
export interface Prepared extends Catalogue {
  splits: Splits<Looked>;
  /** Films on no side, because a film of a later side shows the same poster. */
  sharedPosters: Looked[];
  /** Pairs of films on different sides that are called the same; those that look the same stop a run. */
  leaks: Record<LeakKind, Leak>;
}

export interface WorkOptions {
  onProgress?: ProgressListener;
  signal?: AbortSignal;
}

export { cacheFolder };

/** The cache of posters decoded to a size in pixels. */
export function pixelCache(size?: { width: number; height: number }): Promise<PixelCache> {
  return openPixels(cacheFolder(), size && { width: size.width, height: size.height });
}

/** Reads a source, filters and deduplicates its films, and splits them as the configuration says. */
export async function prepare(config: Config, options: WorkOptions = {}): Promise<Prepared> {
  const catalogue = await readCatalogue(config, options);
  const { splits, removed } = withoutSharedPosters(splitFilms(catalogue.films, config.split));
  const leaks = auditLeaks(splits);
  assertNoLeaks(leaks);
  const notes = [...catalogue.notes];
  for (const { film, from, keptIn } of removed) {
    notes.push(`${JSON.stringify(film.title)} (${film.id}) left ${from}: a film of ${keptIn} has the same poster`);
  }
  const undated = config.split.by === "date" ? undatedFilms(catalogue.films).length : 0;
  if (undated > 0) notes.push(`${undated} films without a date are used for training`);
  return { ...catalogue, notes, splits, sharedPosters: removed.map(({ film }) => film), leaks };
}

/** The films of `config.data`: rows are checked, then filtered, then their posters looked at, then deduplicated by id. */
export async function readCatalogue({ data, model }: Config, options: WorkOptions = {}): Promise<Catalogue> {
  const source = await openSource(data.source, { cache: cacheFolder(), keepShards: data.keepShards, ...options });
  if (source.ledger) refuseLargerView(source.name, model);
  const facts = await readRows(source, data, options);
  const looked = await lookAtPosters(source, facts.kept, { ...options, size: model });
  refuseDamaged(source.name, { ...facts, invalid: [...facts.invalid, ...looked.invalid] }, data.maxInvalid);
  const { films, duplicates } = dedupe(looked.rows);
  if (films.length === 0) {
    throw new UserError(noFilm(source.name, facts, looked.invalid[0] ?? facts.invalid[0]));
  }
  return {
    source: source.name,
    rows: facts.rows,
    invalid: [...facts.invalid, ...looked.invalid].sort((a, b) => a.row - b.row),
    dropped: facts.dropped,
    aboveThreshold: looked.rows.length,
    films,
    duplicates,
    fingerprint: fingerprint(films),
    notes: source.notes ?? [],
  };
}

/** Posters of a source with a ledger are kept reduced. */
function refuseLargerView(name: string, { width, height }: { width: number; height: number }): void {
  if (width <= REDUCED_VIEW.width && height <= REDUCED_VIEW.height) return;
  const kept = `${REDUCED_VIEW.width} × ${REDUCED_VIEW.height}`;
  throw new UserError(
    `${name}: its posters are kept for models of ${kept} at most, and model.width × model.height is ${width} × ${height}: ` +
      "download the set and give its folder as --data.",
  );
}

/** A few rows may be at fault; many are a source that is not what it should be. */
function refuseDamaged(
  name: string,
  { rows, invalid }: { rows: number; invalid: InvalidRow[] },
  maxInvalid: number,
): void {
  const [first] = invalid;
  // where all are at fault, the first reason is said below
  if (!first || invalid.length <= maxInvalid * rows || invalid.length === rows) return;
  throw new UserError(
    `${name}: ${invalid.length} of ${rows} rows cannot be used (row ${first.row}: ${first.reason}): ` +
      "correct it, or raise data.maxInvalid.",
  );
}

/** Why nothing is left: what the filter dropped, and the first row that cannot be used. */
function noFilm(
  name: string,
  { rows, dropped }: { rows: number; dropped: Record<DropReason, number> },
  invalid: InvalidRow | undefined,
): string {
  const reasons = Object.entries(dropped).filter(([, count]) => count > 0);
  const causes = reasons.map(([reason, count]) => `${count} of ${reason}`);
  if (invalid) causes.push(`row ${invalid.row}: ${invalid.reason}`);
  const because = causes.length > 0 ? ` (${causes.join("; ")})` : "";
  return `${name} has no film that can be used among ${rows} rows${because}: give it other data, or loosen data.minRevenue.`;
}

/** Reads and checks the facts of every row, or of the first rows that hold `maxFilms` films. */
async function readRows(
  source: Source,
  { maxFilms, ...filter }: Config["data"],
  { onProgress, signal }: WorkOptions,
): Promise<{ rows: number; invalid: InvalidRow[]; kept: Row[]; dropped: Record<DropReason, number> }> {
  const meter = new ProgressMeter("reading rows", "rows", onProgress, source.count);
  const invalid: InvalidRow[] = [];
  const kept: Row[] = [];
  const dropped = noneDropped();
  const ids = new Set<number>();
  let rows = 0;
  for await (const raw of source.rows()) {
    throwIfInterrupted(signal);
    rows++;
    meter.advance(1);
    const result = parseRow(raw);
    if ("invalid" in result) {
      invalid.push(result.invalid);
      continue;
    }
    const reason = reasonToDrop(result.row, filter);
    if (reason) {
      dropped[reason]++;
      continue;
    }
    kept.push(result.row);
    if (maxFilms > 0 && ids.add(result.row.id).size >= maxFilms) break;
  }
  meter.finish();
  return { rows, invalid, kept, dropped };
}

/** Adds to each row what its poster is; a row whose poster cannot be read is invalid. */
async function lookAtPosters(
  source: Source,
  rows: Row[],
  { size, onProgress, signal }: WorkOptions & { size: { width: number; height: number } },
): Promise<{ rows: Looked[]; invalid: InvalidRow[] }> {
  const cache = await pixelCache(size);
  const byRow = new Map(rows.map((row) => [row.row, row]));
  const asked = rows.map(({ row }) => row);
  const looked = new Set<Row>();
  const invalid: InvalidRow[] = [];
  try {
    for await (const poster of seePosters(source, asked, { cache, total: rows.length, onProgress, signal })) {
      const row = byRow.get(poster.row);
      if (!row) continue;
      if ("reason" in poster) invalid.push({ row: poster.row, reason: `poster: ${poster.reason}` });
      else looked.add(Object.assign(row, { sha256: poster.sha256, hash: poster.hash }));
    }
  } finally {
    await cache.close();
  }
  return { rows: rows.filter((row): row is Looked => looked.has(row)), invalid };
}

/** What `prepare --json` writes. */
export interface PrepareSummary {
  source: string;
  rows: number;
  invalid: InvalidRow[];
  dropped: Record<DropReason, number>;
  aboveThreshold: number;
  films: number;
  duplicates: Record<Duplicate, number>;
  splits: { train: number; validation: number; test: number };
  /** Films on no side, because a film of a later side shows the same poster. */
  sharedPosters: number;
  leaks: Record<LeakKind, Leak>;
  fingerprint: string;
}

/** A prepared set without its films. */
export function summarise({ splits, films, sharedPosters, notes: _notes, ...rest }: Prepared): PrepareSummary {
  const { train, validation, test } = splits;
  return {
    ...rest,
    films: films.length,
    sharedPosters: sharedPosters.length,
    splits: { train: train.length, validation: validation.length, test: test.length },
  };
}
