import { join } from "node:path";
import { type DropReason, filterFilms } from "./catalogue/clean";
import { type Duplicate, dedupe, type Looked } from "./catalogue/dedupe";
import type { Row } from "./catalogue/film";
import { fingerprint } from "./catalogue/fingerprint";
import { openSource } from "./catalogue/open";
import { parseRow } from "./catalogue/row";
import type { Source } from "./catalogue/source";
import { type Splits, splitFilms } from "./catalogue/split";
import type { Config } from "./config";
import { throwIfInterrupted, UserError } from "./errors";
import { auditLeaks, type Leak, type LeakKind } from "./evaluation/leaks";
import { projectRoot } from "./files";
import { openPixels, type PixelCache, readPixels } from "./posters/pixels";
import { type ProgressListener, ProgressMeter } from "./progress";

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
  /** Pairs of films on different sides that look or are called the same. */
  leaks: Record<LeakKind, Leak>;
}

export interface WorkOptions {
  onProgress?: ProgressListener;
  signal?: AbortSignal;
}

/** Where posters' pixels, features and downloads are kept: `MOVIE_REVENUE_CACHE`, or the project's `data/cache`. */
export function cacheFolder(): string {
  return process.env.MOVIE_REVENUE_CACHE || join(projectRoot(), "data/cache");
}

/** The cache of decoded posters. */
export function pixelCache(): Promise<PixelCache> {
  return openPixels(cacheFolder());
}

/** Reads a source, filters and deduplicates its films, and splits them as the configuration says. */
export async function prepare(config: Config, options: WorkOptions = {}): Promise<Prepared> {
  const catalogue = await readCatalogue(config, options);
  const splits = splitFilms(catalogue.films, config.split);
  return { ...catalogue, splits, leaks: auditLeaks(splits) };
}

/** The films of `config.data`: rows are checked, then filtered, then their posters looked at, then deduplicated by id. */
export async function readCatalogue({ data }: Config, options: WorkOptions = {}): Promise<Catalogue> {
  const source = await openSource(data.source, { cache: cacheFolder(), ...options });
  const facts = await readRows(source, data, options);
  const looked = await lookAtPosters(source, facts.kept, options);
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
  const valid: Row[] = [];
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
    valid.push(result.row);
    if (maxFilms > 0 && filterFilms([result.row], filter).kept.length > 0) ids.add(result.row.id);
    if (maxFilms > 0 && ids.size >= maxFilms) break;
  }
  meter.finish();
  return { rows, invalid, ...filterFilms(valid, filter) };
}

/** Adds to each row what its poster is; a row whose poster cannot be read is invalid. */
async function lookAtPosters(
  source: Source,
  rows: Row[],
  { onProgress, signal }: WorkOptions,
): Promise<{ rows: Looked[]; invalid: InvalidRow[] }> {
  const cache = await pixelCache();
  const byRow = new Map(rows.map((row) => [row.row, row]));
  const posters = source.posters(rows.map(({ row }) => row));
  const looked: Looked[] = [];
  const invalid: InvalidRow[] = [];
  try {
    for await (const poster of readPixels(posters, { cache, total: rows.length, onProgress, signal })) {
      const row = byRow.get(poster.row);
      if (!row) continue;
      if ("reason" in poster) invalid.push({ row: poster.row, reason: `poster: ${poster.reason}` });
      else looked.push(Object.assign(row, { sha256: poster.sha256, hash: poster.hash }));
    }
  } finally {
    await cache.close();
  }
  return { rows: looked, invalid };
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
  leaks: Record<LeakKind, Leak>;
  fingerprint: string;
}

/** A prepared set without its films. */
export function summarise({ splits, films, notes: _notes, ...rest }: Prepared): PrepareSummary {
  const { train, validation, test } = splits;
  return {
    ...rest,
    films: films.length,
    splits: { train: train.length, validation: validation.length, test: test.length },
  };
}
