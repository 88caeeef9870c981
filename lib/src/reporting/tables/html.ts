import { escapeHtml } from "../escape";
import { countOf } from "../format";
import type { Frame, Html } from "../view";
import { type Columns, gridOf, shownOf } from "./columns";

const LIMIT = 20;

interface TableOptions {
  caption?: string;
  columns?: Columns;
  /** Rows shown at most; the caption says how many there are. */
  limit?: number;
}

interface Table {
  caption: string;
  heads: Cell[];
  rows: Cell[][];
  sortable?: boolean;
}

/** One cell, its HTML already escaped. */
export interface Cell {
  html: string;
  align: "left" | "right" | "center";
}

// two prices in one cell would be TeX to JupyterLab's MathJax, which leaves this class alone
const PLAIN = "mathjax_ignore";

// styles stand on each element: notebooks strip <style>, and colours follow the reader's theme, light or dark
const LINE = "1px solid rgba(128,128,128,.35)";
const PADDING = "padding:4px 10px;vertical-align:top";
const WRAP = {
  left: "max-width:420px;overflow-wrap:break-word;text-align:left",
  right: "white-space:nowrap;text-align:right",
  center: "text-align:center",
};

// columns of numbers do not break, and would leave a sentence beside them one word a line
const LONG = /^[^<]{25,}$/;
const ROOM = "min-width:14em";

// a picture's bytes in full: nothing but base64 can stand between the quotes of its attribute
const PICTURE = /^data:image\/(jpeg|png);base64,[A-Za-z0-9+/]+=*$/;

/**
 * Rows as a table: every text escaped, a data URI of a JPEG or PNG as its picture, numbers at the right, at most `limit`
 * rows (20) and the caption says so. In `npm run lab` a click on a column's name sorts by it.
 */
export function htmlTable(rows: readonly object[], { caption = "", columns, limit = LIMIT }: TableOptions = {}): Html {
  const { heads, cells } = gridOf(rows.slice(0, limit), columns);
  const captions = [caption, shownOf(limit, rows.length), rows.length === 0 ? "no rows" : ""];
  return tableOf({
    caption: captions.filter((part) => part !== "").join(" · "),
    heads: heads.map(({ text, align }) => ({ html: escapeHtml(text), align })),
    rows: cells.map((row) => row.map((text, i) => ({ html: contentOf(text), align: heads[i]!.align }))),
    // a row that leaves its first cell empty continues the one above
    sortable: cells.every(([first]) => first !== ""),
  });
}

function contentOf(text: string): string {
  return PICTURE.test(text) ? `<img alt="" src="${text}" style="height:64px;max-width:none">` : escapeHtml(text);
}

/** A danfojs DataFrame as a table, its shape in the caption. */
export function frameToHtml({ columns, values }: Pick<Frame, "columns" | "values">, options: TableOptions = {}): Html {
  const wide = countOf(columns.length, "column");
  // the rows of a longer one are told with those that are shown
  const shape = values.length > (options.limit ?? LIMIT) ? wide : `${countOf(values.length, "row")} × ${wide}`;
  const rows = (values as unknown[][]).map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]])));
  const shown = options.columns ?? Object.fromEntries(columns.map((name) => [name, {}]));
  return htmlTable(rows, { caption: shape, ...options, columns: shown });
}

/** A table of cells whose HTML is already escaped; the caption is text. One that is sortable has rows that stand alone. */
export function tableOf({ caption, heads, rows, sortable = false }: Table): Html {
  const head = heads.map(
    ({ html, align }) => `<th scope="col" style="${PADDING};text-align:${align};border-bottom:${LINE}">${html}</th>`,
  );
  const body = rows.map((row) => `<tr>${row.map(cellOf).join("")}</tr>`);
  const title = caption
    ? `<caption style="text-align:left;padding:4px 10px;font-weight:600;white-space:nowrap">${escapeHtml(caption)}</caption>`
    : "";
  return {
    html: `<div class="${PLAIN}" style="overflow-x:auto"><table${sortable ? ' class="sortable"' : ""} style="border-collapse:collapse;font-size:13px;line-height:1.45;font-variant-numeric:tabular-nums">${title}<thead><tr>${head.join("")}</tr></thead><tbody>${body.join("")}</tbody></table></div>`,
  };
}

function cellOf({ html, align }: Cell): string {
  const room = align === "left" && LONG.test(html) ? `;${ROOM}` : "";
  return `<td style="${PADDING};${WRAP[align]}${room}">${html}</td>`;
}
