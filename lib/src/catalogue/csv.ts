import { UserError } from "../errors";
import { printable } from "./columns";

/** A table read from text: each record has the number of the line on which it begins, from 1. */
export interface CsvTable {
  columns: string[];
  records: { line: number; fields: string[] }[];
}

/** How text is read as a table. `separator` is found in the header where it is not given; `file` is for messages. */
export interface CsvOptions {
  separator?: string;
  file?: string;
}

const SEPARATORS = [",", ";", "\t"];

/** Reads comma, semicolon or tab separated text by RFC 4180 (also with bare LF or CR), the first record as the header. */
export function parseCsv(text: string, { separator, file = "The table" }: CsvOptions = {}): CsvTable {
  const content = text.replace(/^\uFEFF/, "");
  const records = readRecords(content, separator ?? detectSeparator(content, file), file);
  const header = records.shift();
  if (!header) throw new UserError(`${file} is empty: it needs a first line with the names of the columns.`);
  const columns = header.fields.map((field) => field.trim());
  const seen = new Set<string>();
  const twice = columns.find((column) => column && seen.size === seen.add(column).size);
  if (twice) throw new UserError(`${file} has two columns named ${printable(twice)}: rename one.`);
  return { columns, records };
}

/** The one separator that occurs in the header outside quotes; a comma where there is none. */
export function detectSeparator(text: string, file = "The table"): string {
  const inHeader = separatorsInHeader(text.replace(/^[\r\n]+/, ""));
  const [first = ",", ...others] = SEPARATORS.filter((separator) => inHeader.has(separator));
  if (others.length === 0) return first;
  const marks = [first, ...others].map(printable).join(" and ");
  throw new UserError(`${file} has ${marks} in its first line: put column names that hold one of them in quotes.`);
}

function separatorsInHeader(text: string): Set<string> {
  const found = new Set<string>();
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const sign = text[i] as string;
    if (sign === '"') quoted = !quoted;
    // a quoted part may hold any of them, and line breaks
    if (quoted) continue;
    if (sign === "\r" || sign === "\n") break;
    if (SEPARATORS.includes(sign)) found.add(sign);
  }
  return found;
}

// signs are walked, not matched whole: a pattern's stack overflows on a field of many megabytes
function readRecords(text: string, separator: string, file: string): CsvTable["records"] {
  const bare = new RegExp(`[^${separator}\\r\\n"]*`, "y");
  const records: CsvTable["records"] = [];
  let fields: string[] = [];
  let line = 1;
  let begin = 1;
  for (let at = 0; at < text.length || fields.length > 0; ) {
    const quoted = text[at] === '"';
    const end = quoted ? endOfQuoted(text, at) : endOf(bare, text, at);
    const closer = closerAt(text, end, separator);
    if (closer === null)
      throw new UserError(`${file} line ${line} has a quote out of place: write a quote in a field as "".`);
    const field = quoted ? text.slice(at + 1, end - 1).replaceAll('""', '"') : text.slice(at, end);
    fields.push(field);
    if (quoted) line += countLines(field);
    at = end + closer.length;
    if (closer === separator) continue;
    if (closer !== "") line++;
    // an empty line is no record; an empty field in quotes is one
    if (fields.length > 1 || quoted || field !== "") records.push({ line: begin, fields });
    fields = [];
    begin = line;
  }
  return records;
}

/** Where a quoted field that begins at `at` ends, its last quote included; beyond the text where it never does. */
function endOfQuoted(text: string, at: number): number {
  for (let quote = text.indexOf('"', at + 1); quote >= 0; quote = text.indexOf('"', quote + 2)) {
    if (text[quote + 1] !== '"') return quote + 1;
  }
  return text.length + 1;
}

function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return at + (pattern.exec(text)?.[0].length ?? 0);
}

/** What closes a field that ends here: the separator, a line end, or "" at the end of the text; null is none of them. */
function closerAt(text: string, end: number, separator: string): string | null {
  if (end === text.length) return "";
  const sign = text[end];
  if (sign === "\r" && text[end + 1] === "\n") return "\r\n";
  return sign === separator || sign === "\r" || sign === "\n" ? sign : null;
}

function countLines(text: string): number {
  let lines = 0;
  for (let i = 0; i < text.length; i++) {
    const sign = text[i];
    if (sign === "\n" || (sign === "\r" && text[i + 1] !== "\n")) lines++;
  }
  return lines;
}
