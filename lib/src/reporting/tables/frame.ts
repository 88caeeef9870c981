import type { DataFrame } from "danfojs-node";

/** Rows as a danfojs DataFrame: numbers are float32 columns (int32 would overflow at $2.1B) with NaN for null, lists joined by commas. */
export async function toFrame(rows: readonly object[]): Promise<DataFrame> {
  // loading danfojs brings TensorFlow.js with it, which takes a second
  const danfo = await import("danfojs-node");
  const records = rows as readonly Record<string, unknown>[];
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const dtypes = columns.map((key) => dtypeOf(records.map((row) => row[key])));
  const values = records.map((row) => columns.map((key, i) => cellOf(row[key], dtypes[i]!)));
  return new danfo.DataFrame(values, values.length > 0 ? { columns, dtypes } : {});
}

function dtypeOf(values: readonly unknown[]): string {
  const known = values.filter((value) => value !== null && value !== undefined);
  const every = (type: string) => known.length > 0 && known.every((value) => typeof value === type);
  return every("number") ? "float32" : every("boolean") ? "boolean" : "string";
}

function cellOf(value: unknown, dtype: string): unknown {
  if (dtype === "float32") return value ?? Number.NaN;
  if (value === null || value === undefined || typeof value === "boolean") return value ?? null;
  return Array.isArray(value) ? value.join(", ") : String(value);
}
