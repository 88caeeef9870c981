/** A row as its source wrote it, not yet checked. */
export interface RawRow {
  /** Position among all rows of the source, from 0. */
  row: number;
  /** Where to look for it, as "train-00000.parquet row 17": used in messages. */
  where: string;
  /** Column name → value, under the column names of the parquet schema (`id`, `title`, `release_date`, …), without the image. */
  facts: Record<string, unknown>;
  /** What the source itself found wrong, as "no image is named x.jpg": such a row is invalid whatever its facts are. */
  problem?: string;
}

/** The encoded image of a row; `bytes` is null where the row has none, or its file cannot be read. */
export interface RawPoster {
  row: number;
  bytes: Uint8Array | null;
  /** What the source found wrong with it, where that is known. */
  problem?: string;
}

/** Where films come from. Reading is streamed; the same source gives the same rows in the same order every time. */
export interface Source {
  /** As the user named it, for messages and the manifest. */
  name: string;
  /** How many rows there are, where that is known before reading them. */
  count?: number;
  /** What the user should know about how the source was read, a sentence each: images without facts, inexact names. */
  notes?: string[];
  /** Where to note which poster each row has: for a source whose posters are costly to read again. */
  ledger?: string;
  /** Every row's facts, in order, without reading the posters where the format allows. */
  rows(): AsyncIterable<RawRow>;
  /** The posters of these rows (ascending), in that order. */
  posters(rows: readonly number[]): AsyncIterable<RawPoster>;
}
