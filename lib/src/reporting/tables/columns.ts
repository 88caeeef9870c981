import { formatCount } from "../format";

/** How one column is shown. */
export interface Column {
  title?: string;
  /** Text of a value, escaped afterwards; without it numbers keep four digits. */
  format?(value: unknown): string;
  /** Without it numbers stand at the right. */
  align?: "left" | "right" | "center";
}

/** Key of the rows → how it is shown; only these columns appear, in this order. */
export type Columns = Readonly<Record<string, Column>>;

/** A table as texts, not yet escaped. */
export interface Grid {
  heads: { text: string; align: "left" | "right" | "center" }[];
  cells: string[][];
}

/** The texts of rows under the columns asked for, or under every key that occurs. */
export function gridOf(rows: readonly object[], columns: Columns = everyColumn(rows)): Grid {
  const records = rows as readonly Record<string, unknown>[];
  const keys = Object.keys(columns);
  const heads = keys.map((key) => ({
    text: columns[key]!.title ?? key,
    align:
      columns[key]!.align ?? (records.every((row) => isNumeric(row[key])) ? ("right" as const) : ("left" as const)),
  }));
  // an id is a name, so its digits stay together
  const formats = keys.map(
    (key) => columns[key]!.format ?? (key === "id" ? (value: unknown) => String(value ?? "–") : formatValue),
  );
  return { heads, cells: records.map((row) => keys.map((key, i) => formats[i]!(row[key]))) };
}

/** Any value as text: `12,345`, four digits of a fraction, `–` for what is unknown. */
export function formatValue(value: unknown): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (typeof value === "number" || typeof value === "bigint") return digitsOf(value).replace("-", "−");
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "–" : value.toISOString().slice(0, 10);
  if (Array.isArray(value)) return value.map(formatValue).join(", ");
  return typeof value === "object"
    ? JSON.stringify(value, (_, part) => (typeof part === "bigint" ? Number(part) : part))
    : String(value);
}

// a year is no amount, so thousands are marked from five digits on
function digitsOf(value: number | bigint): string {
  if (typeof value === "number" && Math.abs(value) < 1000) return String(Number(value.toPrecision(4)));
  const useGrouping = value >= 10_000 || value <= -10_000;
  return value.toLocaleString("en-US", { useGrouping, maximumFractionDigits: 0 });
}

/** `first 20 of 3,923 rows`, or nothing where all are shown. */
export function shownOf(limit: number, total: number): string {
  return total > limit ? `first ${formatCount(limit)} of ${formatCount(total)} rows` : "";
}

function everyColumn(rows: readonly object[]): Columns {
  const keys = new Set(rows.flatMap((row) => Object.keys(row)));
  return Object.fromEntries([...keys].map((key) => [key, {}]));
}

function isNumeric(value: unknown): boolean {
  return value === null || value === undefined || typeof value === "number" || typeof value === "bigint";
}
