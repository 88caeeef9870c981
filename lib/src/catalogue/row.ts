import { z } from "zod";
import { printable } from "./columns";
import type { Row } from "./film";
import type { RawRow } from "./source";

/** A row that passed the schema, or the reason why it did not: one line that names the place, the column and the value. */
export type RowResult = { row: Row } | { invalid: { row: number; reason: string } };

/** Checks a row against the schema of the parquet files. 0, "", null and a missing column all mean unknown. */
export function parseRow(raw: RawRow): RowResult {
  const reject = (why: string) => ({ invalid: { row: raw.row, reason: `${raw.where}: ${why}` } });
  if (raw.problem) return reject(raw.problem);
  const parsed = rowSchema.safeParse(raw.facts);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return reject(`${issue?.path.join(".")} ${issue?.message}`);
  }
  const { id, title, genres, overview, tagline, original_language: language, release_date: releaseDate } = parsed.data;
  const { runtime, budget, revenue } = parsed.data;
  const year = releaseDate ? Number(releaseDate.slice(0, 4)) : null;
  // every field by name: V8 gives objects made by `...` many hidden shapes, and reading them is far slower
  return {
    row: { id, title, genres, overview, tagline, language, releaseDate, year, runtime, budget, revenue, row: raw.row },
  };
}

// z.object drops the keys that it does not name, `popularity` among them (see columns.ts for why)
const rowSchema = z.object({
  id: column(identifier, "a whole number from 1 to 2^53 - 1"),
  title: column(text, "text"),
  genres: column(genreNames, "a list of genre names"),
  overview: column(text, "text"),
  tagline: column(text, "text"),
  original_language: column(text, "text"),
  release_date: column(date, "a calendar date YYYY-MM-DD, a year YYYY, or empty"),
  runtime: column(amount, "a plain number of minutes, 0 or more"),
  budget: column(dollars, "a plain number of dollars from 0 to 100 billion"),
  revenue: column(dollars, "a plain number of dollars from 0 to 100 billion"),
});

/** A column whose reader gives `undefined` for a value that cannot be right. */
function column<T>(read: (value: unknown) => T | undefined, wanted: string) {
  return z.optional(z.unknown()).transform((value, context): T => {
    const known = read(value);
    if (known !== undefined) return known;
    context.addIssue({ code: "custom", message: `is ${printable(value)}, not ${wanted}` });
    return z.NEVER;
  });
}

function text(value: unknown): string | undefined {
  if (value === null || value === undefined || value === 0 || value === 0n) return "";
  if (typeof value !== "string") return undefined;
  return value.trim() === "" ? "" : value;
}

/** A number ≥ 0 within the exact integers of a double; null where unknown. */
function amount(value: unknown): number | null | undefined {
  if (value === null || value === undefined) return null;
  if (typeof value === "string" && value.trim() === "") return null;
  const number = typeof value === "string" ? numberIn(value.trim()) : typeof value === "bigint" ? Number(value) : value;
  if (typeof number !== "number" || !(number >= 0 && number <= Number.MAX_SAFE_INTEGER)) return undefined;
  return number === 0 ? null : number;
}

/** No film has earned, or cost, a thirtieth of this: more is another unit, or two numbers run together. */
const MOST_DOLLARS = 1e11;

function dollars(value: unknown): number | null | undefined {
  const number = amount(value);
  return typeof number === "number" && number > MOST_DOLLARS ? undefined : number;
}

/** Reads "350900000", "127.0", "2.5e8"; not "1,000", nor "350.900", which some write for 350,900. */
function numberIn(written: string): number | undefined {
  if (/^[+-]?\d{1,3}\.\d{3}$/.test(written)) return undefined;
  return /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(written) ? Number(written) : undefined;
}

function identifier(value: unknown): number | undefined {
  const id = amount(value);
  return typeof id === "number" && Number.isInteger(id) ? id : undefined;
}

function date(value: unknown): string | undefined {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : date(value.toISOString().slice(0, 10));
  const written = typeof value === "number" || typeof value === "bigint" ? String(value) : text(value)?.trim();
  if (written === "" || written === "0") return "";
  if (written === undefined || written.startsWith("0000")) return undefined;
  return /^\d{4}$/.test(written) || z.iso.date().safeParse(written).success ? written : undefined;
}

/** Names from a list of names or of `{ name }`, from JSON text, or from text separated by commas or bars. */
function genreNames(value: unknown): string[] | undefined {
  if (value === null || value === undefined) return [];
  if (typeof value === "string") return genreNames(listIn(value.trim()));
  if (!Array.isArray(value)) return undefined;
  const names = value.map((genre: unknown) => text(isNamed(genre) ? genre.name : genre)?.trim());
  if (names.includes(undefined)) return undefined;
  return [...new Set(names as string[])].filter((name) => name !== "");
}

function listIn(written: string): unknown {
  if (!written.startsWith("[")) return written.split(/[,|]/);
  try {
    return JSON.parse(written);
  } catch {
    return false;
  }
}

function isNamed(genre: unknown): genre is { name: unknown } {
  return typeof genre === "object" && genre !== null && "name" in genre;
}
