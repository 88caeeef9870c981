import type { Binned } from "./bins";

/** When a tree stops growing. */
export interface Limits {
  maxLeaves: number;
  maxDepth: number;
  /** The fewest training films in a leaf. */
  minLeaf: number;
  /** Added to a leaf's count of films, so that small leaves say less. */
  l2: number;
}

/** A tree as plain lists, an entry for each node, the root first. The right child follows the left. */
export interface Tree {
  /** The column asked, −1 in a leaf. */
  feature: number[];
  /** Goes left what is ≤ the threshold. */
  threshold: number[];
  /** 1 where what is missing goes left. */
  missingLeft: number[];
  /** The position of the left child. */
  left: number[];
  /** What a leaf adds to the prediction. */
  value: number[];
}

/** Where a node parts its films. */
interface Split {
  gain: number;
  feature: number;
  bin: number;
  missingLeft: boolean;
  leftGradients: number;
  leftCount: number;
}

/** Films `rows[start] … rows[end − 1]` that came to one place of the tree. */
interface Node {
  place: number;
  start: number;
  end: number;
  depth: number;
  gradients: number;
  value: number;
  histograms?: Histograms;
  split?: Split;
}

/** Sums over the films of a node, for each bin of each column, at the column's offset. */
interface Histograms {
  gradients: Float64Array;
  counts: Int32Array;
}

/** A tree under way: what `growTree` was given, and the tree so far. */
interface Growth {
  data: Binned;
  gradients: Float32Array;
  rows: Uint32Array;
  columns: Uint32Array;
  limits: Limits;
  /** Where each column's bins begin in a histogram; the last entry is the length. */
  offsets: Uint32Array;
  tree: Tree;
  /** Sum of the gains of the splits on each column. */
  gains: Float64Array;
}

const NO_PARENT_VALUE = 0;

/**
 * Grows one tree for squared error, the split of the largest gain first (Chen & Guestrin 2016, arXiv 1603.02754,
 * equations 5–7 with hessian 1). `gradients` are prediction − target; `rows` is reordered. Gains are added to `gains`.
 */
export function growTree(
  data: Binned,
  { gradients, rows, columns, gains, limits }: Pick<Growth, "gradients" | "rows" | "columns" | "gains" | "limits">,
): Tree {
  const tree: Tree = { feature: [], threshold: [], missingLeft: [], left: [], value: [] };
  const growth: Growth = { data, gradients, rows, columns, limits, offsets: offsetsOf(data), tree, gains };
  const root: Node = {
    place: addLeaf(tree, 0),
    start: 0,
    end: rows.length,
    depth: 0,
    gradients: 0,
    value: NO_PARENT_VALUE,
  };
  for (const row of rows) root.gradients += gradients[row]!;
  root.histograms = histogramsOf(growth, root);
  const splittable = [root].filter((node) => findSplit(growth, node));
  for (let leaves = 1; leaves < limits.maxLeaves && splittable.length > 0; leaves++) {
    const best = splittable.reduce((a, b) => (b.split!.gain > a.split!.gain ? b : a));
    splittable.splice(splittable.indexOf(best), 1, ...splitNode(growth, best));
  }
  return tree;
}

function offsetsOf({ thresholds }: Binned): Uint32Array {
  const offsets = new Uint32Array(thresholds.length + 1);
  // one bin more than thresholds, and one for what is missing
  thresholds.forEach((ends, column) => {
    offsets[column + 1] = offsets[column]! + ends.length + 2;
  });
  return offsets;
}

function addLeaf({ feature, threshold, missingLeft, left, value }: Tree, leafValue: number): number {
  feature.push(-1);
  threshold.push(0);
  missingLeft.push(0);
  left.push(0);
  return value.push(leafValue) - 1;
}

function histogramsOf({ data, gradients, rows, columns, offsets }: Growth, { start, end }: Node): Histograms {
  const sums = new Float64Array(offsets.at(-1)!);
  const counts = new Int32Array(sums.length);
  for (const column of columns) {
    const bins = data.bins.subarray(column * data.rows, (column + 1) * data.rows);
    const offset = offsets[column]!;
    for (let i = start; i < end; i++) {
      const row = rows[i]!;
      const bin = offset + bins[row]!;
      sums[bin] = sums[bin]! + gradients[row]!;
      counts[bin] = counts[bin]! + 1;
    }
  }
  return { gradients: sums, counts };
}

/** Takes a part's sums from the whole's, in place: what is left are the other part's. */
function subtract(whole: Histograms, part: Histograms): Histograms {
  for (let i = 0; i < whole.counts.length; i++) {
    whole.gradients[i] = whole.gradients[i]! - part.gradients[i]!;
    whole.counts[i] = whole.counts[i]! - part.counts[i]!;
  }
  return whole;
}

/** Looks for the node's best split; false where it stays a leaf, and its histograms are dropped. */
function findSplit(growth: Growth, node: Node): boolean {
  const { minLeaf, maxDepth } = growth.limits;
  const best: Split = { gain: 0, feature: -1, bin: 0, missingLeft: false, leftGradients: 0, leftCount: 0 };
  if (node.end - node.start >= 2 * minLeaf && node.depth < maxDepth) {
    for (const column of growth.columns) {
      scanRight(growth, node, column, best);
      if (growth.data.missing[column]) scanLeft(growth, node, column, best);
    }
  }
  if (best.feature >= 0) node.split = best;
  else node.histograms = undefined;
  return best.feature >= 0;
}

/** Tries every bin as the last of the left side, what is missing on the right. */
function scanRight({ data, limits, offsets }: Growth, node: Node, feature: number, best: Split): void {
  const { gradients, counts } = node.histograms!;
  const offset = offsets[feature]!;
  const last = data.thresholds[feature]!.length + (data.missing[feature] ? 1 : 0);
  let leftGradients = 0;
  let leftCount = 0;
  for (let bin = 0; bin < last; bin++) {
    leftGradients += gradients[offset + bin]!;
    leftCount += counts[offset + bin]!;
    if (leftCount < limits.minLeaf) continue;
    if (node.end - node.start - leftCount < limits.minLeaf) return;
    const gain = gainOf(node, leftGradients, leftCount, limits.l2);
    if (gain > best.gain) Object.assign(best, { gain, feature, bin, missingLeft: false, leftGradients, leftCount });
  }
}

/** Tries every bin as the first of the right side, what is missing on the left. */
function scanLeft({ data, limits, offsets }: Growth, node: Node, feature: number, best: Split): void {
  const { gradients, counts } = node.histograms!;
  const offset = offsets[feature]!;
  let rightGradients = 0;
  let rightCount = 0;
  for (let bin = data.thresholds[feature]!.length - 1; bin >= 0; bin--) {
    rightGradients += gradients[offset + bin + 1]!;
    rightCount += counts[offset + bin + 1]!;
    const leftCount = node.end - node.start - rightCount;
    if (rightCount < limits.minLeaf) continue;
    if (leftCount < limits.minLeaf) return;
    const leftGradients = node.gradients - rightGradients;
    const gain = gainOf(node, leftGradients, leftCount, limits.l2);
    if (gain > best.gain) Object.assign(best, { gain, feature, bin, missingLeft: true, leftGradients, leftCount });
  }
}

/** How much twice the squared error falls. */
function gainOf(node: Node, leftGradients: number, leftCount: number, l2: number): number {
  const rightGradients = node.gradients - leftGradients;
  const left = leafValue(leftGradients, leftCount, l2);
  const right = leafValue(rightGradients, node.end - node.start - leftCount, l2);
  return node.gradients * node.value - leftGradients * left - rightGradients * right;
}

function leafValue(gradients: number, count: number, l2: number): number {
  return -gradients / (count + l2);
}

/** Parts a node in two and returns the children that can be parted in turn. */
function splitNode(growth: Growth, node: Node): Node[] {
  const { tree, data, limits } = growth;
  const split = node.split!;
  const { feature, bin, leftGradients, leftCount } = split;
  const count = node.end - node.start;
  const middle = node.start + leftCount;
  if (middle !== partition(growth, node, split)) throw new Error("The histogram and the films disagree.");
  const child = (start: number, end: number, gradients: number): Node => {
    const value = leafValue(gradients, end - start, limits.l2);
    return { place: addLeaf(tree, value), start, end, depth: node.depth + 1, gradients, value };
  };
  const left = child(node.start, middle, leftGradients);
  const right = child(middle, node.end, node.gradients - leftGradients);
  tree.feature[node.place] = feature;
  // past the last threshold every known value goes left: what is parted is known from missing
  tree.threshold[node.place] = data.thresholds[feature]![bin] ?? Number.MAX_VALUE;
  // unseen in training, missing values follow the many
  tree.missingLeft[node.place] = Number(data.missing[feature] ? split.missingLeft : leftCount > count - leftCount);
  tree.left[node.place] = left.place;
  tree.value[node.place] = 0;
  growth.gains[feature] = growth.gains[feature]! + split.gain;
  const [small, large] = leftCount < count - leftCount ? [left, right] : [right, left];
  small.histograms = histogramsOf(growth, small);
  large.histograms = subtract(node.histograms!, small.histograms);
  return [left, right].filter((part) => findSplit(growth, part));
}

/** Moves the films of the left side before the others, both in their order, and returns where the right side begins. */
function partition({ data, rows }: Growth, { start, end }: Node, { feature, bin, missingLeft }: Split): number {
  const bins = data.bins.subarray(feature * data.rows, (feature + 1) * data.rows);
  const missing = data.thresholds[feature]!.length + 1;
  const others = new Uint32Array(end - start);
  let [at, right] = [start, 0];
  for (let i = start; i < end; i++) {
    const row = rows[i]!;
    const own = bins[row]!;
    if (own === missing ? missingLeft : own <= bin) rows[at++] = row;
    else others[right++] = row;
  }
  rows.set(others.subarray(0, right), at);
  return at;
}
