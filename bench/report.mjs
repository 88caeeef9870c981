// The rows as a table: of text for a terminal, of Markdown for a README.
import { textTable } from "movie-revenue/reporting/tables";

/** Aligned columns. */
export function asText(rows) {
  return textTable(rows.map(cellsOf));
}

export function asMarkdown(rows) {
  const cells = rows.map(cellsOf);
  const titles = Object.keys(cells[0]);
  const lines = [titles, titles.map(() => "---"), ...cells.map(Object.values)];
  return lines.map((line) => `| ${line.join(" | ")} |`).join("\n");
}

function cellsOf({ name, peerName, unit, ours, peer, ratio, residentMiB, peerResidentMiB, range, others }) {
  return {
    benchmark: name,
    unit,
    "ours: median (min–max)": withRange(ours, range.ours),
    "peer: median (min–max)": withRange(peer, range.peer),
    peer: peerName,
    "ours ÷ peer": ratio.toFixed(2),
    "MiB: ours": whole(residentMiB),
    "MiB: peer": whole(peerResidentMiB),
    "others' load": `${Math.round(100 * others)} %`,
  };
}

function withRange(median, [min, max]) {
  return `${rate(median)} (${rate(min)}–${rate(max)})`;
}

function rate(value) {
  return value >= 1000 ? whole(value) : value.toPrecision(3);
}

function whole(value) {
  return Math.round(value).toLocaleString("en-US");
}
