import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { reasonOf, UserError } from "../errors";
import { readJson } from "../system/files";
import { ALIASES, FACT_COLUMNS, printable, requireColumns } from "./columns";
import { parseCsv } from "./csv";

/** A record of a facts file, under the column names of the parquet schema. */
export interface FactRecord {
  /** Where to look for it, as `facts.csv line 3`. */
  where: string;
  /** The image that it is about, as the record names it; "" where it names none. */
  file: string;
  facts: Record<string, unknown>;
  problem?: string;
}

/**
 * Reads a `.json` or `.csv` file of facts about images. JSON is a list of records, or an object of records by file
 * name. `id` may be missing. Throws a `UserError` where the file cannot be read or lacks a column.
 */
export async function readFacts(path: string): Promise<FactRecord[]> {
  const { columns, records } = /\.json$/i.test(path) ? await readJsonRecords(path) : await readCsvRecords(path);
  if (records.length === 0) throw new UserError(`${path} holds no records: add one for each image.`);
  const named = { file: columnFor("file", columns, path), revenue: columnFor("revenue", columns, path) };
  const required = ["title", "revenue"].filter((column) => column !== "revenue" || !named.revenue);
  requireColumns(columns, path, required);
  if (!named.file && records.some(({ key }) => key === undefined)) requireColumns(columns, path, ["file"]);
  return records.map(({ where, key, values, problem }) => {
    const written = named.file === undefined ? undefined : values[named.file];
    const file = isImageName(key) ? key : (written ?? key);
    const facts = Object.fromEntries(FACT_COLUMNS.map((column) => [column, values[column]]));
    facts.revenue = values[named.revenue ?? "revenue"];
    return { where, file: typeof file === "string" ? file : "", facts, problem };
  });
}

/** True for the names of files that may be posters. */
export function isImageName(name: string | undefined): name is string {
  return /\.(jpe?g|png|webp|gif|avif|tiff?)$/i.test(name ?? "");
}

/** A record before its columns are understood. `key` is the name under which a JSON object holds it. */
interface Draft {
  where: string;
  key?: string;
  values: Record<string, unknown>;
  problem?: string;
}

interface Drafts {
  /** Every column of the file. */
  columns: string[];
  records: Draft[];
}

const READ: ReadonlySet<string> = new Set([...FACT_COLUMNS, ...ALIASES.file, ...ALIASES.revenue]);

function columnFor(column: keyof typeof ALIASES, columns: readonly string[], path: string): string | undefined {
  const [found, ...others] = (ALIASES[column] as readonly string[]).filter((alias) => columns.includes(alias));
  if (others.length === 0) return found;
  throw new UserError(`${path} has both "${found}" and "${others[0]}" for the ${column}: keep one of them.`);
}

async function readJsonRecords(path: string): Promise<Drafts> {
  const content = await readJson(path);
  if (typeof content !== "object" || content === null) {
    throw new UserError(`${path} must hold a list of records, or an object with a record for each file name.`);
  }
  const keyed = !Array.isArray(content);
  const records = Object.entries(content).map(([key, value]: [string, unknown]) => {
    const where = `${basename(path)} record ${keyed ? printable(key) : key}`;
    const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
    const problem = isRecord ? undefined : `is ${printable(value)}, not a record`;
    return { where, key: keyed ? key : undefined, values: isRecord ? (value as Draft["values"]) : {}, problem };
  });
  const columns = new Set<string>();
  for (const { values } of records) for (const column of Object.keys(values)) columns.add(column);
  return { columns: [...columns], records };
}

async function readCsvRecords(path: string): Promise<Drafts> {
  const { columns, records: lines } = parseCsv(await readText(path), { file: path });
  // a file may name a hundred thousand columns: each record gives those that are read
  const read = columns.flatMap((column, i) => (READ.has(column) ? [{ column, i }] : []));
  const records = lines.map(({ line, fields }) => {
    const values = Object.fromEntries(read.map(({ column, i }) => [column, fields[i]]));
    const wrong = fields.length !== columns.length;
    const problem = wrong ? `has ${fields.length} fields, but the first line has ${columns.length}` : undefined;
    return { where: `${basename(path)} line ${line}`, values, problem };
  });
  return { columns, records };
}

async function readText(path: string): Promise<string> {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await readFile(path));
  } catch (thrown) {
    if (thrown instanceof TypeError) throw new UserError(`${path} is not UTF-8 text: save it as CSV in UTF-8.`);
    throw new UserError(`${path} could not be read: ${reasonOf(thrown)}.`);
  }
}
