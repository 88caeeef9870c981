import { z } from "zod";
import { reasonOf, UserError } from "../../errors";
import { franchiseSchema } from "../franchise";
import type { FittedTerm } from "../kernel-ridge";
import { METADATA } from "../metadata";
import { readSafetensors, type Weight, type Weights, writeSafetensors } from "../safetensors";
import { textVocabularySchema } from "../text";
import { treesSchema } from "../trees/schema";
import { tableOf } from "./inputs";
import { momentsOf } from "./kernel-features";
import { type Fused, predictFused } from "./model";

const finite = z.number();
const schema = z.object({
  version: z.literal(1),
  vocabulary: z.object({
    groups: z.array(z.enum(METADATA)),
    ...{ genres: z.array(z.string()), languages: z.array(z.string()) },
  }),
  budgetTrend: finite.nullable(),
  franchise: franchiseSchema.nullable(),
  text: textVocabularySchema.nullable(),
  poster: z.boolean(),
  trees: z.array(treesSchema).min(1),
  moments: z.array(z.object({ name: z.string(), mean: finite, deviation: finite })),
  mean: finite,
  terms: z.array(
    z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("rbf"), weight: finite, gamma: finite }),
      z.object({ kind: z.literal("linear") }),
    ]),
  ),
});

/** Where the parts that are no tensors stand in the file's metadata, as JSON. */
const KEY = "fused";

/** Writes the model as one safetensors file, atomically: rows, coefficients and scales as tensors, the rest as JSON. */
export async function saveFused(path: string, { poster, kernel, ...rest }: Fused): Promise<void> {
  const tensors: Weights = { coefficients: vector(kernel.coefficients) };
  if (poster)
    Object.assign(tensors, { "poster.means": vector(poster.means), "poster.factors": vector(poster.factors) });
  const terms = kernel.terms.map((term, i) => {
    if (term.kind === "linear") {
      tensors[`terms.${i}`] = vector(term.weights);
      return { kind: term.kind };
    }
    const { rows, columns, data } = term.rows;
    tensors[`terms.${i}`] = { shape: [rows, columns], data: Float32Array.from(data) };
    return { kind: term.kind, weight: term.weight, gamma: term.gamma };
  });
  const json: z.input<typeof schema> = { version: 1, ...rest, poster: poster !== null, mean: kernel.mean, terms };
  await writeSafetensors(path, tensors, { [KEY]: JSON.stringify(json) });
}

/** Reads what `saveFused` wrote; a `UserError` names the file where it is anything else. */
export async function readFused(path: string): Promise<Fused> {
  const { tensors, metadata } = await readSafetensors(path);
  try {
    const { version: _, poster, mean, terms, ...rest } = schema.parse(JSON.parse(metadata[KEY] ?? "null"));
    const coefficients = tensorOf(tensors, "coefficients", [null]).data;
    const fitted = terms.map((term, i): FittedTerm => {
      if (term.kind === "linear") return { ...term, weights: tensorOf(tensors, `terms.${i}`, [null]).data };
      const { shape, data } = tensorOf(tensors, `terms.${i}`, [coefficients.length, null]);
      return { ...term, rows: { rows: shape[0]!, columns: shape[1]!, data } };
    });
    const means = poster ? tensorOf(tensors, "poster.means", [null]).data : null;
    const scale = means && { means, factors: tensorOf(tensors, "poster.factors", [means.length]).data };
    return checked({ ...rest, poster: scale, kernel: { mean, coefficients, terms: fitted } });
  } catch (thrown) {
    throw new UserError(`${path} holds no fused model (${reason(thrown)}): train the run again.`);
  }
}

/** The model, once its parts are found to fit each other: it predicts no film, which asks for all of them. */
function checked(fused: Fused): Fused {
  const columns = fused.poster?.means.length ?? 0;
  predictFused(fused, { films: [], posters: { rows: 0, columns, data: new Float32Array(0) } });
  const expected = momentsOf(tableOf(fused, [])).map(({ name }) => name);
  if (expected.join() !== fused.moments.map(({ name }) => name).join())
    throw new Error("its moments are of other facts");
  return fused;
}

/** A tensor whose sides are as asked, null being any, and whose numbers are finite. */
function tensorOf(tensors: Weights, name: string, shape: readonly (number | null)[]): Weight {
  const tensor = tensors[name];
  if (!tensor) throw new Error(`the tensor "${name}" is missing`);
  if (tensor.shape.length !== shape.length || !shape.every((side, i) => side === null || side === tensor.shape[i])) {
    throw new Error(`the tensor "${name}" has the shape [${tensor.shape.join(", ")}]`);
  }
  if (!tensor.data.every(Number.isFinite)) throw new Error(`the tensor "${name}" holds what is no number`);
  return tensor;
}

function vector(data: Float32Array | Float64Array): Weight {
  return { shape: [data.length], data: Float32Array.from(data) };
}

function reason(thrown: unknown): string {
  if (!(thrown instanceof z.ZodError)) return reasonOf(thrown);
  const { path, message } = thrown.issues[0]!;
  return `${path.join(".")}: ${message}`;
}
