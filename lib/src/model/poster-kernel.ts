import { z } from "zod";
import { UserError } from "../errors";
import { type PosterScale, posterScaleOf, scaledPosters } from "./fused/poster-scale";
import { type FittedTerm, fitKernelRidge, type KernelTerm, predictKernelRidge, type RbfTerm } from "./kernel-ridge";
import type { Matrix } from "./matrix";
import { readSafetensors, type Weights, writeSafetensors } from "./safetensors";
import type { SparseMatrix } from "./sparse";
import { textVocabularySchema } from "./text";
import { type Writing, writingRows, writingVocabularyOf } from "./writing";

export interface PosterKernelOptions {
  /** exp(−gamma · mean squared difference of the scaled features). */
  gamma: number;
  /** Variance of the noise beside the kernel's 1: the penalty of the ridge. */
  noise: number;
  /** Weight of what is written on posters beside the kernel's 1; 0 leaves it unread. */
  writing?: number;
}

/** Posters as features, [posters, features] unscaled, and what is written on each where that is read. */
export interface PosterData {
  features: Matrix;
  writing?: readonly string[];
}

/** Kernel ridge regression on the features of posters, and on what is written on them. */
export interface PosterKernel extends Pick<PosterKernelOptions, "gamma" | "noise"> {
  scale: PosterScale;
  mean: number;
  /** Scaled features of the training posters, [films, features]. */
  rows: Matrix;
  /** [films]. */
  coefficients: Float32Array;
  /** Null where writing is not read, or no two training posters share a piece of it. */
  writing: Writing | null;
}

/** Fits the kernel to posters and targets in log10 dollars. */
export function fitPosterKernel(
  { features, writing }: PosterData,
  targets: ArrayLike<number>,
  { gamma, noise, writing: weight = 0 }: PosterKernelOptions,
): PosterKernel {
  const scale = posterScaleOf(features);
  const rows = scaledPosters(features, scale);
  const vocabulary = weight > 0 && writing ? writingVocabularyOf(writing) : null;
  const terms: KernelTerm[] = [likeness({ rows, gamma })];
  if (vocabulary) terms.push({ kind: "linear", weight, rows: writingRows(writing, vocabulary) });
  const { mean, coefficients, terms: fitted } = fitKernelRidge(terms, targets, { noise });
  const written = fitted[1];
  return {
    ...{ gamma, noise, scale, mean, rows, coefficients: Float32Array.from(coefficients) },
    writing:
      vocabulary && written?.kind === "linear" ? { vocabulary, weights: Float32Array.from(written.weights) } : null,
  };
}

/** Log10 dollars, [n], of n posters; a `UserError` where writing is read and not given. */
export function predictPosterKernel(
  { gamma, scale, mean, rows, coefficients, writing }: PosterKernel,
  { features, writing: texts }: PosterData,
): Float64Array {
  const terms: FittedTerm[] = [likeness({ rows, gamma })];
  const asked: (Matrix | SparseMatrix)[] = [scaledPosters(features, scale)];
  if (writing) {
    terms.push({ kind: "linear", weights: writing.weights });
    asked.push(writingRows(texts, writing.vocabulary));
  }
  return predictKernelRidge({ mean, coefficients, terms }, asked);
}

/** The term of the kernel that compares features: its gamma counts distance by the feature. */
export function likeness({ rows, gamma }: Pick<PosterKernel, "rows" | "gamma">): RbfTerm {
  return { kind: "rbf", weight: 1, gamma: gamma / rows.columns, rows };
}

const schema = z.object({
  ...{ gamma: z.number(), noise: z.number(), mean: z.number() },
  pieces: textVocabularySchema.nullable().default(null),
});

/** Writes the kernel as one safetensors file, atomically: its numbers as tensors, the rest as JSON. */
export async function savePosterKernel(path: string, kernel: PosterKernel): Promise<void> {
  const { scale, rows, coefficients, writing, gamma, noise, mean } = kernel;
  const vector = (data: Float32Array) => ({ shape: [data.length], data });
  const tensors: Weights = {
    "kernel.rows": { shape: [rows.rows, rows.columns], data: Float32Array.from(rows.data) },
    "kernel.coefficients": vector(coefficients),
    "scale.means": vector(scale.means),
    "scale.factors": vector(scale.factors),
  };
  if (writing) tensors["writing.weights"] = vector(writing.weights);
  const json: z.input<typeof schema> = { gamma, noise, mean, pieces: writing?.vocabulary ?? null };
  await writeSafetensors(path, tensors, { kernel: JSON.stringify(json) });
}

/** Reads what `savePosterKernel` wrote; anything else is a `UserError` that names the file. */
export async function readPosterKernel(path: string): Promise<PosterKernel> {
  const { tensors, metadata } = await readSafetensors(path);
  const rows = tensors["kernel.rows"];
  const [films, columns] = rows?.shape ?? [];
  const parsed = schema.safeParse(parseJson(metadata.kernel));
  if (!rows || !films || !columns || !parsed.success) throw notOurs(path);
  const { pieces, ...numbers } = parsed.data;
  const vector = (name: string, length: number): Float32Array => {
    const data = tensors[name]?.data;
    if (data?.length !== length) throw notOurs(path);
    return data;
  };
  return {
    ...numbers,
    rows: { rows: films, columns, data: rows.data },
    coefficients: vector("kernel.coefficients", films),
    scale: { means: vector("scale.means", columns), factors: vector("scale.factors", columns) },
    writing: pieces && { vocabulary: pieces, weights: vector("writing.weights", pieces.terms.length) },
  };
}

function notOurs(path: string): UserError {
  return new UserError(`${path} holds no kernel of posters: it is not this run's model, so train the run again.`);
}

function parseJson(text = ""): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
