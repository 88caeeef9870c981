// What the scripts that correct the presets' held-out films share.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { formatCount, formatNumber, formatWithInterval } = require("movie-revenue");
const { logDollars, residualsOf, squaresOf } = require("movie-revenue/evaluation/log-dollars");
const { pairedDifference } = require("movie-revenue/evaluation/paired");
const { mean } = require("movie-revenue/evaluation/quantiles");
const { fitRidge, predictRidge } = require("movie-revenue/model/ridge");

/** A value of each film as a ridge regression on its row of numbers, learnt on the other folds, has it. */
export function acrossFolds(films, rows, values, options = {}) {
  const told = new Float64Array(films.length);
  const matrix = (some) => {
    return { rows: some.length, columns: rows[0].length, data: Float64Array.from(some.flatMap((i) => [...rows[i]])) };
  };
  for (const fold of new Set(films.map(({ fold }) => fold))) {
    const part = (isOwn) => [...films.keys()].filter((i) => (films[i].fold === fold) === isOwn);
    const [others, own] = [part(false), part(true)];
    const ridge = fitRidge(
      matrix(others),
      others.map((i) => values[i]),
      { standardise: true, ...options },
    );
    predictRidge(ridge, matrix(own)).forEach((value, at) => {
      told[own[at]] = value;
    });
  }
  return told;
}

/** The films with predictions that a regression of the errors on the rows, learnt on the other folds, has corrected; `uncorrected` is what they were. */
export function correctedBy(rows, films) {
  const tooHigh = acrossFolds(films, rows, missed(films));
  return films.map((film, i) => {
    return { ...film, uncorrected: film.predicted, predicted: film.predicted / 10 ** tooHigh[i] };
  });
}

/** The columns that tell what the correction of these films is worth. */
export function worthOf(corrected) {
  const films = corrected.map((film) => ({ ...film, predicted: film.uncorrected }));
  const { mse } = pairedDifference(corrected, films, { trainMeanLog10: 0 });
  return {
    films: formatCount(films.length),
    ...{ "MSE (log10 dollars²)": formatFour(mseOf(films)), "MSE corrected": formatFour(mseOf(corrected)) },
    difference: formatWithInterval(mse.difference, mse.ci95, formatFour),
  };
}

function formatFour(value) {
  return formatNumber(value, 4);
}

function mseOf(films) {
  return mean(squaresOf(missed(films)));
}

/** Predicted less actual of each film, in log10 dollars. */
function missed(films) {
  return residualsOf(logDollars(films));
}
