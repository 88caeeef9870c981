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
  const twice = columns.find((column, i) => column && columns.indexOf(column) < i);
  if (twice) throw new UserError(`${file} has two columns named ${printable(twice)}: rename one.`);
  return { columns, records };
}

/** The one separator that occurs in the header outside quotes; a comma where there is none. */
export function detectSeparator(text: string, file = "The table"): string {
  // a quoted part may hold any of them, and line breaks
  const header = (/^(?:"[^"]*"|[^"\r\n])*/.exec(text.replace(/^[\r\n]+/, ""))?.[0] ?? "").replace(/"[^"]*"/g, "");
  const [first = ",", ...others] = SEPARATORS.filter((separator) => header.includes(separator));
  if (others.length === 0) return first;
  const marks = [first, ...others].map(printable).join(" and ");
  throw new UserError(`${file} has ${marks} in its first line: put column names that hold one of them in quotes.`);
}

/** One pass over the fields: each match is a field, quoted or not, with the separator or line end that closes it. */
function readRecords(text: string, separator: string, file: string): CsvTable["records"] {
  const plain = `[^${separator}\\r\\n"][^${separator}\\r\\n]*|`;
  const pattern = new RegExp(`(?:"([^"]*(?:""[^"]*)*)"|(${plain}))(${separator}|\\r\\n|\\n|\\r|$)`, "y");
  const records: CsvTable["records"] = [];
  let fields: string[] = [];
  let line = 1;
  let begin = 1;
  while (pattern.lastIndex < text.length || fields.length > 0) {
    const match = pattern.exec(text);
    if (!match) throw new UserError(`${file} line ${line} has a quote out of place: write a quote in a field as "".`);
    const [whole, quoted, bare = "", end] = match;
    fields.push(quoted?.replaceAll('""', '"') ?? bare);
    line += whole.match(/\r\n|\n|\r/g)?.length ?? 0;
    if (end === separator) continue;
    // an empty line is no record; an empty field in quotes is one
    if (fields.length > 1 || quoted !== undefined || bare !== "") records.push({ line: begin, fields });
    fields = [];
    begin = line;
  }
  return records;
}
