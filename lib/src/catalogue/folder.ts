import type { Dirent } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { reasonOf, UserError } from "../errors";
import { sha256 } from "../system/files";
import { printable } from "./columns";
import { type FactRecord, isImageName, readFacts } from "./facts";
import { matchNames, type NameMatches } from "./names";
import type { RawPoster, RawRow, Source } from "./source";

/** What a folder holds that matters here: names of regular files, sorted, without hidden ones. */
export interface FolderContent {
  images: string[];
  facts: string[];
  parquet: string[];
}

/** Sorts the files of a folder by what they are. */
export async function readFolder(folder: string): Promise<FolderContent> {
  const entries = (await listFolder(folder)).filter(({ name }) => !name.startsWith("."));
  const files: string[] = [];
  for (const entry of entries) if (await isRegular(folder, entry)) files.push(entry.name);
  files.sort();
  const ending = (pattern: RegExp) => files.filter((name) => pattern.test(name));
  return {
    images: files.filter(isImageName),
    facts: ending(/\.(json|csv)$/i),
    parquet: ending(/\.parquet$/i),
  };
}

/**
 * The films of a folder of images with one JSON or CSV file of facts. A record without an `id` gets one from its
 * image's name (see `idOfName`); a record without an image is an invalid row; an image without a record is a note.
 */
export async function folderSource(folder: string): Promise<Source> {
  const content = await readFolder(folder);
  if (content.images.length === 0) throw new UserError(`The folder ${folder} holds no images: put the posters there.`);
  const records = await readFacts(join(folder, factsFileOf(folder, content.facts)));
  const names = records.filter(({ file }) => file !== "").map(({ file }) => file);
  const titles = new Map(records.map(({ file, facts }) => [file, typeof facts.title === "string" ? facts.title : ""]));
  const matches = matchNames(content.images, names, titles);
  const reasons = new Map(matches.unmatched.map(({ name, reason }) => [name, reason]));
  return {
    name: folder,
    count: records.length,
    notes: notesOf(matches),
    rows: async function* () {
      for (const [row, record] of records.entries())
        yield rawRow(row, record, matches.matched.get(record.file), reasons);
    },
    posters: async function* (rows) {
      for (const row of rows) yield await readPoster(folder, row, matches.matched.get(records[row]?.file ?? ""));
    },
  };
}

/** A stable id for a film that has none: the first 48 bits of the SHA-256 of its image's name, a safe integer. */
export function idOfName(file: string): number {
  return Number.parseInt(sha256(file.normalize("NFC")).slice(0, 12), 16);
}

function rawRow(
  row: number,
  { where, file, facts, problem }: FactRecord,
  image: string | undefined,
  reasons: ReadonlyMap<string, string>,
): RawRow {
  if (image === undefined) return { row, where, facts, problem: problem ?? reasons.get(file) ?? "names no image" };
  const { id } = facts;
  const unknown = id === undefined || id === null || id === "" || id === 0;
  return { row, where, facts: { ...facts, id: unknown ? idOfName(image) : id }, problem };
}

async function readPoster(folder: string, row: number, image: string | undefined): Promise<RawPoster> {
  if (image === undefined) return { row, bytes: null };
  const bytes = await readFile(join(folder, image)).catch(() => null);
  return { row, bytes: bytes && bytes.length > 0 ? bytes : null };
}

function factsFileOf(folder: string, facts: readonly string[]): string {
  const [first, ...others] = facts;
  if (first === undefined) throw new UserError(`The folder ${folder} has no .json or .csv file of facts: add one.`);
  if (others.length === 0) return first;
  const list = facts.slice(0, 5).map(printable).join(", ");
  throw new UserError(`The folder ${folder} has more than one file of facts (${list}): leave one of them there.`);
}

function notesOf({ inexact, unused }: NameMatches): string[] {
  const notes = inexact.map(
    ({ name, file, how }) => `The name ${printable(name)} was taken to mean the image ${printable(file)} (by ${how}).`,
  );
  if (unused.length === 0) return notes;
  const list = unused.slice(0, 10).map(printable).join(", ");
  const more = unused.length > 10 ? ` and ${unused.length - 10} more` : "";
  return [...notes, `No record is about ${unused.length} of the images: ${list}${more}.`];
}

/** False for pipes and devices, which under an image's name would block the reader for ever. */
async function isRegular(folder: string, entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isFile();
  return (await stat(join(folder, entry.name)).catch(() => null))?.isFile() ?? false;
}

async function listFolder(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new UserError(`There is no folder ${folder}.`);
    if (code === "ENOTDIR") throw new UserError(`${folder} is a file: give a folder.`);
    throw new UserError(`The folder ${folder} could not be read: ${reasonOf(thrown)}.`);
  }
}
