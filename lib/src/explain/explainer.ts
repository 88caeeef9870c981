import type { Film } from "../catalogue/film";
import { loadEngine } from "../engine";
import { UserError } from "../errors";
import { type FeatureModel, fusedModel, headModel, kernelModel, type Looker } from "../evaluation/explain";
import { architectureNamed, frozenBackbone, readWeights, viewOf } from "../model/backbone";
import { backbonesOf, type WeightedBackbone } from "../model/backbones";
import { readFused } from "../model/fused";
import { initialiseHead } from "../model/head";
import { readPosterKernel } from "../model/poster-kernel";
import type { WorkOptions } from "../prepare";
import { Random } from "../random";
import { readTrainedHead, trainedBackbone } from "../runs/predictor";
import type { TrainedRun } from "../runs/run";
import { openAll } from "../system/open-all";

/** A run's networks, and what its model makes of their features, opened up. */
export interface Explainer {
  lookers: Looker[];
  /** Of a film, and of what is written on its poster. */
  modelOf(film: Film, writing: string | undefined): FeatureModel;
  dispose(): void;
}

export interface Randomised {
  /**
   * Explains a model that has learnt nothing instead, drawn from this seed (Adebayo et al. 2018): of a network, every
   * weight of backbone and head; of a kernel, whose features stay, to which training poster each coefficient belongs.
   */
  randomised?: number;
}

/** Loads the best model of a run; the caller disposes it. */
export async function loadExplainer(run: TrainedRun, options: WorkOptions & Randomised = {}): Promise<Explainer> {
  if (run.config.model.kind === "ensemble") {
    const members = run.config.model.members.join(", ");
    throw new UserError(`The run "${run.name}" is an ensemble: explain one of its members (${members}).`);
  }
  await loadEngine();
  const modelOf = await modelsOf(run, options);
  const open = (which: WeightedBackbone) => lookerOf(run, which, options);
  const lookers = await openAll(backbonesOf(run.config.model), open, disposeLooker);
  return { lookers, modelOf, dispose: () => lookers.forEach(disposeLooker) };
}

function disposeLooker({ backbone }: Looker): void {
  backbone.dispose();
}

async function lookerOf(
  { config: { model, training }, file }: TrainedRun,
  { backbone, weights }: WeightedBackbone,
  { randomised, ...options }: WorkOptions & Randomised,
): Promise<Looker> {
  const architecture = architectureNamed(backbone);
  const anew = randomised !== undefined && model.kind === "network";
  const { tensors, hash } =
    training.freeze === "backbone" || anew
      ? await readWeights(architecture, {
          ...{ weights: anew ? "random" : weights, seed: anew ? randomised : training.seed },
          ...options,
        })
      : await trainedBackbone(file("best.safetensors"));
  const frozen = architecture.freeze(tensors);
  return { architecture, frozen, backbone: frozenBackbone(architecture, frozen, { hash, view: viewOf(model) }) };
}

async function modelsOf({ config, file }: TrainedRun, { randomised }: Randomised): Promise<Explainer["modelOf"]> {
  const best = file("best.safetensors");
  const { kind } = config.model;
  if (kind === "network") {
    const { head, shape, loss } = await readTrainedHead(best, config.model);
    const shown = randomised === undefined ? head : initialiseHead(shape, { seed: randomised });
    const explained = headModel(shown, loss.predict);
    return () => explained;
  }
  if (kind === "kernel") {
    const kernel = await readPosterKernel(best);
    const shown = { ...kernel, coefficients: dealt(kernel.coefficients, randomised) };
    return (_film, writing) => kernelModel(shown, writing);
  }
  const fused = await readFused(best);
  const coefficients = dealt(fused.kernel.coefficients, randomised);
  const shown = { ...fused, kernel: { ...fused.kernel, coefficients } };
  return (film) => fusedModel(shown, film);
}

/** The same numbers in an order drawn from the seed, where there is one. */
function dealt<Values extends Float32Array | Float64Array>(values: Values, seed: number | undefined): Values {
  if (seed === undefined) return values;
  const order = new Random(seed).permutation(values.length);
  return values.map((_, i) => values[order[i]!]!) as Values;
}
