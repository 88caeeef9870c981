import { z } from "zod";
import { UserError } from "../errors";
import { type PosterScale, posterScaleOf, scaledPosters } from "./fused/poster-scale";
import { fitKernelRidge, predictKernelRidge } from "./kernel-ridge";
import type { Matrix } from "./matrix";
import { readSafetensors, type Weight, writeSafetensors } from "./safetensors";

export interface PosterKernelOptions {
  /** exp(−gamma · mean squared difference of the scaled features). */
  gamma: number;
  /** Variance of the noise beside the kernel's 1: the penalty of the ridge. */
  noise: number;
}

/** Kernel ridge regression on the features of posters. */
export interface PosterKernel extends PosterKernelOptions {
  scale: PosterScale;
  mean: number;
  /** Scaled features of the training posters, [films, features]. */
  rows: Matrix;
  /** [films]. */
  coefficients: Float32Array;
}

/** Fits the kernel to features, [films, features] unscaled, and targets in log10 dollars. */
export function fitPosterKernel(
  features: Matrix,
  targets: ArrayLike<number>,
  { gamma, noise }: PosterKernelOptions,
): PosterKernel {
  const scale = posterScaleOf(features);
  const rows = scaledPosters(features, scale);
  const { mean, coefficients } = fitKernelRidge([term(rows, gamma)], targets, { noise });
  return { gamma, noise, scale, mean, rows, coefficients: Float32Array.from(coefficients) };
}

/** Log10 dollars, [n], of features [n, features] unscaled. */
export function predictPosterKernel(
  { gamma, scale, mean, rows, coefficients }: PosterKernel,
  features: Matrix,
): Float64Array {
  return predictKernelRidge({ mean, coefficients, terms: [term(rows, gamma)] }, [scaledPosters(features, scale)]);
}

function term(rows: Matrix, gamma: number) {
  return { kind: "rbf", weight: 1, gamma: gamma / rows.columns, rows } as const;
}

const TENSORS = ["kernel.rows", "kernel.coefficients", "scale.means", "scale.factors"] as const;
const numbers = z.object({ gamma: z.number(), noise: z.number(), mean: z.number() });

export async function savePosterKernel(path: string, kernel: PosterKernel): Promise<void> {
  const { scale, rows, coefficients, gamma, noise, mean } = kernel;
  const vector = (data: Float32Array) => ({ shape: [data.length], data });
  const tensors: Record<(typeof TENSORS)[number], Weight> = {
    "kernel.rows": { shape: [rows.rows, rows.columns], data: Float32Array.from(rows.data) },
    "kernel.coefficients": vector(coefficients),
    "scale.means": vector(scale.means),
    "scale.factors": vector(scale.factors),
  };
  await writeSafetensors(path, tensors, { kernel: JSON.stringify({ gamma, noise, mean }) });
}

/** Reads what `savePosterKernel` wrote; anything else is a `UserError` that names the file. */
export async function readPosterKernel(path: string): Promise<PosterKernel> {
  const { tensors, metadata } = await readSafetensors(path);
  const [rows, coefficients, means, factors] = TENSORS.map((name) => tensors[name]);
  const [films = 0, columns = 0] = rows?.shape ?? [];
  const parsed = numbers.safeParse(parseJson(metadata.kernel));
  const fits = coefficients?.data.length === films && [means, factors].every((part) => part?.data.length === columns);
  if (!rows || !fits || !parsed.success) {
    throw new UserError(`${path} holds no kernel of posters: it is not this run's model, so train the run again.`);
  }
  return {
    ...parsed.data,
    rows: { rows: films, columns, data: rows.data },
    coefficients: coefficients!.data,
    scale: { means: means!.data, factors: factors!.data },
  };
}

function parseJson(text = ""): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
