import { didYouMean, UserError } from "../errors";

/** A source without these has nothing to learn from; the other columns may be missing and are then unknown. */
export const REQUIRED_COLUMNS = ["id", "title", "revenue"] as const;

// `popularity` is left out on purpose: it was read years after release and follows fame, so it leaks the answer
/** Every column that is read, under its name in the parquet schema, without the image. */
export const FACT_COLUMNS = [
  ...REQUIRED_COLUMNS,
  "genres",
  "overview",
  "tagline",
  "original_language",
  "release_date",
  "runtime",
  "budget",
] as const;

/** Other names under which a facts file may hold a column; the first is the one that messages use. */
export const ALIASES = {
  file: ["file", "filename", "file_name", "image", "poster"],
  revenue: ["revenue", "actual_revenue"],
} as const;

/** Throws a `UserError` that names the file, the first column it lacks and the columns it has. */
export function requireColumns(
  found: readonly string[],
  file: string,
  required: readonly string[] = REQUIRED_COLUMNS,
): void {
  const missing = required.find((column) => !found.includes(column));
  if (missing === undefined) return;
  const known: readonly string[] = [...FACT_COLUMNS, ...ALIASES.file, ...ALIASES.revenue];
  const strangers = found.filter((column) => !known.includes(column));
  const have = found.length > 0 ? found.slice(0, 20).map(printable).join(", ") : "none";
  const hint = didYouMean(
    missing,
    strangers.filter((column) => printable(column) === `"${column}"`),
  );
  throw new UserError(`${file} has no column "${missing}": add it (the columns found: ${have}).${hint}`);
}

/** Any value as short text for a message: quoted where it is text, cut at 40 characters, nothing invisible left bare. */
export function printable(value: unknown): string {
  const whole = typeof value === "string" ? value : (jsonOf(value) ?? textOf(value));
  const characters = [...whole.slice(0, 200)];
  const short = characters.length > 40 ? `${characters.slice(0, 40).join("")}…` : whole;
  const quoted = typeof value === "string" ? JSON.stringify(short) : short;
  return quoted.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (sign) => `\\u{${sign.codePointAt(0)?.toString(16)}}`);
}

function jsonOf(value: unknown): string | undefined {
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  try {
    return JSON.stringify(value, (_, inner) => (typeof inner === "bigint" ? Number(inner) : inner));
  } catch {
    return undefined;
  }
}

/** Lists within lists, thousands deep, overflow the stack of `String` as they do that of `JSON.stringify`. */
function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return "a value that cannot be written";
  }
}
