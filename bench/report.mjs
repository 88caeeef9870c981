// The results as a table: of text for a terminal, of Markdown for a README.
import { textTable } from "movie-revenue/reporting/tables";

/** Aligned columns. */
export function asText(results) {
  return textTable(results.map(cellsOf));
}

export function asMarkdown(results) {
  const rows = results.map(cellsOf);
  const titles = Object.keys(rows[0]);
  const lines = [titles, titles.map(() => "---"), ...rows.map((row) => Object.values(row))];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function cellsOf({ name, peerName, unit, ours, peer, ratio, others }) {
  return {
    benchmark: name,
    unit,
    "ours: median (min–max)": range(ours),
    "peer: median (min–max)": range(peer),
    peer: peerName,
    "ours ÷ peer": ratio.toFixed(2),
    "others' load": `${Math.round(100 * others)} %`,
  };
}

function range({ min, median, max }) {
  return `${rate(median)} (${rate(min)}–${rate(max)})`;
}

function rate(value) {
  return value >= 1000 ? Math.round(value).toLocaleString("en-US") : value.toPrecision(3);
}
