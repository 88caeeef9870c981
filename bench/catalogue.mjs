// Our side of catalogue: films above $10M, one row each, and what the posters of the dropped rows are, as `prepare` does.
import { filterFilms } from "movie-revenue/catalogue/clean";
import { dedupe } from "movie-revenue/catalogue/dedupe";
import { parseRow } from "movie-revenue/catalogue/row";
import { main, noise, rateOf } from "./shared.mjs";

/** Rows for which the work is done 20 times; of more, as often as makes as many. */
const USUAL = 100_000;
const FILTER = { minRevenue: 1e7 };

const help = `node bench/catalogue.mjs [ROWS]

Filters rows (default 100,000) by revenue and dedupes them by id.`;
main(help, measure);

async function measure(size = USUAL) {
  const count = Number(size);
  const films = Math.round(0.712 * count);
  const rounds = Math.max(1, Math.round((20 * USUAL) / count));
  const rows = inventRows(count, films);
  // between filter and dedupe the posters are looked at, which is not timed
  const passing = filterFilms(rows, FILTER).kept.map((row) => Object.assign({}, row, posterOf(row, films)));
  let last;
  const work = () => {
    last = { reasons: filterFilms(rows, FILTER).dropped, ...dedupe(passing) };
  };
  await rateOf(work, count, Math.ceil(rounds / 4));
  const rate = await rateOf(work, count, rounds);
  return { name: "catalogue", unit: "rows/s", rate, checksum: countsOf(last) };
}

function countsOf({ reasons, films, duplicates, dropped }) {
  const ids = films.reduce((sum, { id }) => sum + id, 0);
  const kept = dropped.reduce((sum, { kept }) => sum + kept, 0);
  const { "unknown revenue": unknown, "low revenue": low } = reasons;
  return { films: films.length, ids, kept, unknown, low, ...duplicates };
}

/** Rows as `prepare` reads them: high, low and unknown revenue and repeated ids, about as often as in the real data. */
function inventRows(count, films) {
  const bytes = noise(films);
  return Array.from({ length: count }, (_, row) => {
    const film = row % films;
    const revenue = bytes[film] < 16 ? 0 : bytes[film] * 140_000 + film;
    const facts = { id: film + 1, title: `Film ${film + 1}`, genres: ["Drama"], release_date: "2001-02-03", revenue };
    return parseRow({ row, where: `row ${row}`, facts }).row;
  });
}

/** A second row of a film has the same poster as the first, nearly the same, or another. */
function posterOf({ row, id }, films) {
  const film = id - 1;
  const kind = row < films ? 0 : row % 3;
  return { sha256: hex(kind === 0 ? film : row), hash: (BigInt(film) * 40_503n) ^ [0n, 7n, 0xffffn][kind] };
}

/** Sixty-four hexadecimal digits that differ early, as hashes do. */
function hex(number) {
  return [...number.toString(16)].reverse().join("").padEnd(64, "0");
}
