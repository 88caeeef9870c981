import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { reasonOf, UserError } from "../errors";
import { inOrder } from "../system/in-order";
import { DamagedRows, openParquetFile, type ParquetFile, type RowRange } from "./parquet-file";
import type { RawPoster, RawRow, Source } from "./source";

/** The films of a parquet file, or of all `*.parquet` in a folder by name; at most one row group is in memory. */
export async function parquetSource(path: string): Promise<Source> {
  if (!(await isFolder(path))) return parquetFilesSource([basename(path)], { name: path, folder: dirname(path) });
  return parquetFilesSource(await parquetNames(path), { name: path, folder: path });
}

/** The films of these parquet files, in this order; their paths are relative to the folder. */
export async function parquetFilesSource(
  paths: readonly string[],
  { name, folder, notes }: { name: string; folder: string; notes?: string[] },
): Promise<Source> {
  const files: ParquetFile[] = [];
  for (const path of paths) files.push(await openParquetFile(join(folder, path), path));
  return parquetSourceOf(files, { name, notes });
}

/** The films of opened parquet files; the images of `ahead` row groups are asked for at the same time. */
export function parquetSourceOf(
  files: readonly ParquetFile[],
  { name, notes, ahead = 1 }: { name: string; notes?: string[]; ahead?: number },
): Source {
  const groups = spansOf(files);
  const count = groups.at(-1)?.end ?? 0;
  if (count === 0) throw new UserError(`${name} holds no rows: give a file that has some.`);
  const posters = (rows: readonly number[]) => readPosters(groups, rows, { count, ahead });
  return { name, count, notes, rows: () => readRows(groups), posters };
}

/** The names of a folder's parquet files, in order; a `UserError` where it has none. */
export async function parquetNames(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => /^[^.].*\.parquet$/i.test(name)).sort();
  if (names.length === 0) throw new UserError(`The folder ${folder} holds no .parquet files: put some there.`);
  return names;
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch((thrown: NodeJS.ErrnoException) => {
    const missing = thrown.code === "ENOENT";
    throw new UserError(missing ? `There is no file or folder ${path}.` : `${path}: ${reasonOf(thrown)}.`);
  });
  return found.isDirectory();
}

/** A row group: where it lies among all rows of the source, and within its file. */
interface Span {
  file: ParquetFile;
  start: number;
  end: number;
  /** Rows of the file before this group. */
  offset: number;
}

function spansOf(files: readonly ParquetFile[]): Span[] {
  const spans: Span[] = [];
  let start = 0;
  for (const file of files) {
    let offset = 0;
    for (const rows of file.groupRows) {
      if (rows > 0) spans.push({ file, start, end: start + rows, offset });
      start += rows;
      offset += rows;
    }
  }
  return spans;
}

function rangeOf({ start, end, offset }: Span): RowRange {
  return { start: offset, end: offset + end - start };
}

/** The records of a row group, or what is wrong with every row of one that is damaged. */
async function orProblem<T>(reading: Promise<T[]>): Promise<{ records: T[]; problem?: string }> {
  try {
    return { records: await reading };
  } catch (thrown) {
    if (!(thrown instanceof DamagedRows)) throw thrown;
    return { records: [], problem: thrown.message };
  }
}

async function* readRows(spans: readonly Span[]): AsyncGenerator<RawRow> {
  for (const span of spans) {
    const { records, problem } = await orProblem(span.file.readFacts(rangeOf(span)));
    for (let row = span.start; row < span.end; row++) {
      const i = row - span.start;
      yield { row, where: `${span.file.name} row ${span.offset + i}`, facts: records[i] ?? {}, problem };
    }
  }
}

async function* readPosters(
  spans: readonly Span[],
  rows: readonly number[],
  { count, ahead }: { count: number; ahead: number },
): AsyncGenerator<RawPoster> {
  checkAscending(rows, count);
  const read = async ({ span, wanted }: Wanted) => {
    const { records, problem } = await orProblem(span.file.readImages(rangeOf(span)));
    return wanted.map((row): RawPoster => ({ row, bytes: imageBytes(records[row - span.start]?.image), problem }));
  };
  for await (const posters of inOrder(wantedOf(spans, rows), read, ahead)) yield* posters;
}

/** A row group that holds wanted rows, and which. */
interface Wanted {
  span: Span;
  wanted: number[];
}

function* wantedOf(spans: readonly Span[], rows: readonly number[]): Generator<Wanted> {
  let next = 0;
  for (const span of spans) {
    const wanted: number[] = [];
    for (let row = rows[next]; row !== undefined && row < span.end; row = rows[++next]) wanted.push(row);
    if (wanted.length > 0) yield { span, wanted };
  }
}

function checkAscending(rows: readonly number[], count: number): void {
  const wrong = rows.findIndex((row, i) => !(row > (rows[i - 1] ?? -1) && row < count));
  if (wrong >= 0) throw new RangeError(`Row ${rows[wrong]} is asked for out of order, or is not one of ${count} rows.`);
}

/** The bytes in a buffer of their own: a view would keep the whole row group alive for as long as one poster is kept. */
function imageBytes(image: unknown): Uint8Array | null {
  const bytes = (image as { bytes?: unknown } | null | undefined)?.bytes;
  return bytes instanceof Uint8Array && bytes.length > 0 ? new Uint8Array(bytes) : null;
}
