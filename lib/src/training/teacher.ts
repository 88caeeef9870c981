import type { Film } from "../catalogue/film";
import { UserError } from "../errors";
import { takeRows } from "../model/matrix";
import { metadataOf, vocabularyOf } from "../model/metadata";
import { fitTrees, predictTrees, type TreesOptions } from "../model/trees";
import { Random } from "../random";

/** The stream of random numbers that puts films into folds. */
const FOLDS = 7;

/** As many parts as the training films are cut into: each is forecast by a teacher that has not seen it. */
const PARTS = 5;

const TREES: TreesOptions = {
  trees: 400,
  learningRate: 0.03,
  maxLeaves: 8,
  minLeaf: 10,
  rowShare: 0.7,
  columnShare: 0.5,
};

/**
 * Targets that are easier to learn from: (1 − share) · log10 revenue + share · what a teacher makes of the film's facts
 * (genre, date, runtime, budget …), out of fold. What no poster can tell, as a flop or a surprise, is mostly gone from it
 * (learning by privileged information: Vapnik & Vashist 2009; Lopez-Paz et al. 2016). Only training films are used.
 */
export function taughtTargets(
  films: readonly Film[],
  targets: Float32Array,
  { share, seed }: { share: number; seed: number },
): Float32Array {
  if (share === 0) return targets;
  if (films.length < 2 * PARTS) {
    throw new UserError(`A teacher needs at least ${2 * PARTS} training films: set training.teacher to 0.`);
  }
  const taught = outOfFold(films, targets, seed);
  return targets.map((target, i) => (1 - share) * target + share * taught[i]!);
}

/** What trees that were grown without a film make of its facts, log10 dollars. */
function outOfFold(films: readonly Film[], targets: Float32Array, seed: number): Float64Array {
  const table = metadataOf(films, vocabularyOf(films));
  const order = new Random([seed, FOLDS]).permutation(films.length);
  const forecast = new Float64Array(films.length);
  for (let part = 0; part < PARTS; part++) {
    const held = order.filter((_, i) => i % PARTS === part);
    const rest = order.filter((_, i) => i % PARTS !== part);
    const trees = fitTrees(
      takeRows(table, rest),
      Array.from(rest, (film) => targets[film]!),
      { ...TREES, seed: seed + part },
    );
    predictTrees(trees, takeRows(table, held)).forEach((value, i) => {
      forecast[held[i]!] = value;
    });
  }
  return forecast;
}
