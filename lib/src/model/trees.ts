import { UserError } from "../errors";
import { Random } from "../random";
import { checkColumns, checkTargets, type Matrix, type Table } from "./matrix";
import { binned, MAX_BINS } from "./trees/bins";
import { growTree, type Limits, type Tree } from "./trees/grow";

/** Gradient-boosted regression trees as JSON: the prediction is `base` plus what each tree adds. */
export interface TreesModel {
  /** The features' names, in the order of the columns. */
  names: string[];
  /** The training mean. */
  base: number;
  trees: Tree[];
  /** Of each feature, by how much its splits lowered twice the squared error in training. */
  gains: number[];
}

export interface TreesOptions extends Partial<Limits> {
  trees?: number;
  learningRate?: number;
  /** At most 255. */
  maxBins?: number;
  /** The fractions of the films, and of the features, that each tree sees. */
  rowShare?: number;
  columnShare?: number;
  /** Draws the films and features of each tree, where not all. */
  seed?: number;
}

/**
 * Histogram gradient boosting for squared error (Ke et al. 2017, LightGBM); NaN is missing, and goes to whichever side
 * is better. Without shares it is scikit-learn's `HistGradientBoostingRegressor(early_stopping=False)`.
 */
export function fitTrees(table: Table, targets: ArrayLike<number>, options: TreesOptions = {}): TreesModel {
  checkTargets(table, targets);
  const { trees = 300, learningRate = 0.05, maxBins = MAX_BINS, rowShare = 1, columnShare = 1, seed = 42 } = options;
  const limits = limitsOf(options);
  checkShares({ maxBins, rowShare, columnShare });
  const data = binned(table, maxBins);
  const base = Float64Array.from(targets).reduce((sum, target) => sum + target, 0) / table.rows;
  const predictions = new Float64Array(table.rows).fill(base);
  const gains = new Float64Array(table.columns);
  const random = new Random(seed);
  const grown = Array.from({ length: trees }, () => {
    const gradients = Float32Array.from(predictions, (prediction, row) => prediction - targets[row]!);
    const [rows, columns] = [drawn(random, table.rows, rowShare), drawn(random, table.columns, columnShare)];
    const tree = shrunk(growTree(data, { gradients, rows, columns, gains, limits }), learningRate);
    addTree(tree, table, predictions);
    return tree;
  });
  return { names: table.names, base, trees: grown, gains: [...gains] };
}

/** The model's prediction for each row. */
export function predictTrees({ names, base, trees }: TreesModel, features: Matrix): Float64Array {
  checkColumns(features, names.length);
  const predictions = new Float64Array(features.rows).fill(base);
  for (const tree of trees) addTree(tree, features, predictions);
  return predictions;
}

/** Each feature's share of all the gain in training, the largest first. */
export function importances({ names, gains }: TreesModel): { name: string; share: number }[] {
  const total = gains.reduce((sum, gain) => sum + gain, 0) || 1;
  return names.map((name, i) => ({ name, share: gains[i]! / total })).sort((a, b) => b.share - a.share);
}

function limitsOf({ maxLeaves = 31, maxDepth = Infinity, minLeaf = 20, l2 = 0 }: TreesOptions): Limits {
  if (!(maxLeaves >= 2 && maxDepth >= 1 && minLeaf >= 1 && l2 >= 0)) {
    throw new UserError("Trees need maxLeaves ≥ 2, maxDepth ≥ 1, minLeaf ≥ 1 and l2 ≥ 0.");
  }
  return { maxLeaves, maxDepth, minLeaf, l2 };
}

function checkShares({
  maxBins,
  rowShare,
  columnShare,
}: {
  maxBins: number;
  rowShare: number;
  columnShare: number;
}): void {
  if (!(maxBins >= 2 && maxBins <= MAX_BINS))
    throw new UserError(`maxBins must be from 2 to ${MAX_BINS}, not ${maxBins}.`);
  for (const [name, share] of Object.entries({ rowShare, columnShare })) {
    if (!(share > 0 && share <= 1)) throw new UserError(`${name} must be above 0 and at most 1, not ${share}.`);
  }
}

/** A share of the numbers 0 … n − 1, at least one, in rising order. */
function drawn(random: Random, n: number, share: number): Uint32Array {
  if (share === 1) return Uint32Array.from({ length: n }, (_, i) => i);
  return random
    .permutation(n)
    .slice(0, Math.max(1, Math.round(share * n)))
    .sort();
}

function shrunk(tree: Tree, learningRate: number): Tree {
  return { ...tree, value: tree.value.map((value) => value * learningRate) };
}

function addTree(
  { feature, threshold, missingLeft, left, value }: Tree,
  rows: Matrix,
  predictions: Float64Array,
): void {
  for (let row = 0; row < rows.rows; row++) {
    let node = 0;
    while (feature[node]! >= 0) {
      const asked = rows.data[row * rows.columns + feature[node]!]!;
      const goesLeft = Number.isNaN(asked) ? missingLeft[node] === 1 : asked <= threshold[node]!;
      node = left[node]! + (goesLeft ? 0 : 1);
    }
    predictions[row] = predictions[row]! + value[node]!;
  }
}
