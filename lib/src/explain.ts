import { throwIfInterrupted } from "./errors";
import type { BootstrapOptions } from "./evaluation/bootstrap";
import {
  type Association,
  type AverageHeat,
  agreementOf,
  associations,
  averageHeat,
  explainPoster,
  lookOf,
  type OcclusionOptions,
  type Picture,
  type PosterExplanation,
} from "./evaluation/explain";
import { mean } from "./evaluation/quantiles";
import { loadExplainer, type Randomised } from "./explain/explainer";
import type { LineAdded } from "./model/writing";
import { cachedPixels } from "./posters/pixels";
import { type FolderPoster, type PosterFolder, readFolder } from "./predict";
import { pixelCache, type WorkOptions } from "./prepare";
import { ProgressMeter } from "./progress";
import { writingOf } from "./runs/predictor";
import { trainedRun } from "./runs/run";

export interface ExplainOptions
  extends WorkOptions,
    Pick<OcclusionOptions, "columns" | "rows" | "fill" | "batchSize">,
    Randomised {
  /** Posters to explain at most; all unless given. */
  limit?: number;
}

/** Why a run predicts what it predicts for a poster. */
export interface Explanation extends Omit<PosterExplanation, "log10"> {
  file: string;
  title: string;
  /** Dollars. */
  predicted: number;
  /** The poster as the model sees it. */
  picture: Picture;
  /** The lines that the model reads on it, and what each adds; the maps show what the picture adds beside them. */
  lines: LineAdded[];
}

/** Says of posters in the pixel cache what of each raises and what lowers the prediction. */
export async function explainPosters(
  name: string,
  posters: readonly FolderPoster[],
  { limit, ...options }: ExplainOptions = {},
): Promise<Explanation[]> {
  const run = await trainedRun(name);
  const explainer = await loadExplainer(run, options);
  const pixels = await pixelCache(run.config.model);
  try {
    const shown = posters.slice(0, limit);
    const writing = await writingOf(
      run.config,
      shown.map(({ subject }) => subject),
      options,
    );
    const task = options.randomised === undefined ? "explaining posters" : "explaining by an unlearnt model";
    const meter = new ProgressMeter(task, "posters", options.onProgress, shown.length);
    const explained: Explanation[] = [];
    for (const [i, { file, title, subject }] of shown.entries()) {
      throwIfInterrupted(options.signal);
      const picture: Picture = { ...pixels.size, pixels: await cachedPixels(pixels, subject.sha256) };
      const model = explainer.modelOf(subject, writing?.[i]);
      const { log10, ...heats } = await explainPoster(picture, explainer.lookers, model, options);
      explained.push({ file, title, ...heats, predicted: 10 ** log10, picture, lines: model.lines ?? [] });
      meter.advance(1);
    }
    return explained;
  } finally {
    await pixels.close();
    explainer.dispose();
  }
}

/** What a run makes of a folder's posters, checked in two ways, and an account of what was left out. */
export interface ExplainedFolder extends Omit<PosterFolder, "posters"> {
  explanations: Explanation[];
  /** Of every poster that was explained. */
  average: AverageExplanation;
  /** How far Grad-CAM and occlusion agree on a poster, and, as a measure, on two different ones. */
  agreement: { own: number | null; chance: number | null };
  sanity: SanityCheck;
}

/** Explains the posters of a folder, whose films' facts may be in labels as for `predict`. */
export async function explainFolder(
  name: string,
  folder: string,
  { labels, randomised, ...options }: ExplainOptions & { labels?: string } = {},
): Promise<ExplainedFolder> {
  const { model } = (await trainedRun(name)).config;
  const { posters, ...leftOut } = await readFolder(folder, { ...options, labels, size: model });
  const explanations = await explainPosters(name, posters, options);
  return {
    ...{ explanations, ...leftOut, average: averageExplanations(explanations) },
    agreement: { own: meanAgreement(explanations), chance: chanceAgreement(explanations) },
    sanity: await checkSanity(name, posters, { ...options, randomised, learnt: explanations }),
  };
}

/** The mean of the posters' agreements between Grad-CAM and occlusion, where it is defined; null where it nowhere is. */
export function meanAgreement(explanations: readonly Pick<Explanation, "agreement">[]): number | null {
  const known = explanations.flatMap(({ agreement }) => agreement ?? []);
  return known.length > 0 ? mean(known) : null;
}

/** The mean agreement of each poster's Grad-CAM with the occlusion of every other: what an agreement must beat, for it owes nothing to the poster. */
export function chanceAgreement(explanations: readonly Pick<Explanation, "gradCam" | "occlusion">[]): number | null {
  return meanAgreement(
    explanations.flatMap(({ gradCam }, i) =>
      explanations.flatMap(({ occlusion }, j) => (i === j ? [] : [{ agreement: agreementOf(gradCam, occlusion) }])),
    ),
  );
}

/** What raises and what lowers over many posters: by place, and by look. */
export interface AverageExplanation {
  place: AverageHeat;
  looks: Association[];
}

/** The mean occlusion of posters, and how their looks go with their predictions. */
export function averageExplanations(
  explanations: readonly Explanation[],
  options: BootstrapOptions = {},
): AverageExplanation {
  const place = averageHeat(
    explanations.map(({ occlusion }) => occlusion),
    options,
  );
  const looks = explanations.map(({ picture }) => lookOf(picture));
  const predicted = explanations.map(({ predicted }) => Math.log10(predicted));
  return { place, looks: associations(looks, predicted, options) };
}

/** Spearman's rank correlations of each method's heats with those of a model that has learnt nothing, mean over posters. */
export interface SanityCheck {
  gradCam: number | null;
  occlusion: number | null;
}

/** Whether explanations depend on what was learnt (Adebayo et al. 2018): near 0 they do, near 1 they show the posters alone. */
export async function checkSanity(
  name: string,
  posters: readonly FolderPoster[],
  { learnt, randomised = 1, ...options }: ExplainOptions & { learnt?: readonly Explanation[] } = {},
): Promise<SanityCheck> {
  const own = learnt ?? (await explainPosters(name, posters, options));
  const unlearnt = await explainPosters(name, posters, { ...options, randomised });
  const likeness = (method: "gradCam" | "occlusion") =>
    meanAgreement(own.map((poster, i) => ({ agreement: agreementOf(poster[method], unlearnt[i]![method]) })));
  return { gradCam: likeness("gradCam"), occlusion: likeness("occlusion") };
}
