import { extname } from "node:path";
import { UsageError, UserError } from "./errors";
import { conformalWidth } from "./evaluation/conformal";
import { architectureNamed } from "./model/backbone";
import { formatOnnx } from "./model/onnx";
import { type ModelParts, onnxModel, type PartWeights, weightsOf } from "./model/onnx-model";
import { parseNaming, readBytes, readSafetensors, writeSafetensors } from "./model/safetensors";
import { resolveWeights } from "./model/weights-source";
import { IMAGENET_MEAN, IMAGENET_STD, type Scaling } from "./posters/normalise";
import { SIZE } from "./posters/pixels";
import { cacheFolder, type WorkOptions } from "./prepare";
import { readManifest } from "./runs/manifest";
import { type TrainedRun, trainedRun } from "./runs/run";
import { sha256, writeFileAtomic } from "./system/files";

/** What a run can be written as. */
export const EXPORT_FORMATS = ["onnx", "safetensors"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportOptions extends WorkOptions {
  /** The one that the file's ending names where it is not given. */
  format?: ExportFormat;
}

/**
 * Writes a run's whole model, backbone and head, to one file. ONNX: input `pixels` [n, 3, 224, 224], output
 * `log10_revenue` [n]. safetensors: `backbone.…` and `head.…` under PyTorch's names.
 */
export async function exportRun(
  name: string,
  out: string,
  { format = formatOf(out), ...options }: ExportOptions = {},
): Promise<{ format: ExportFormat; backbone: string }> {
  const run = await trainedRun(name);
  refuseUnwritable(run);
  const model = onnxModel(await modelParts(run, options));
  const metadata = describe(run);
  if (format === "onnx") await writeFileAtomic(out, formatOnnx({ ...model, name, metadata }));
  else await writeSafetensors(out, weightsOf(model), metadata);
  return { format, backbone: run.config.model.backbone };
}

/** Throws a `UserError` for a run of which a file of backbone and head would say something else. */
function refuseUnwritable({ name, config: { model, training } }: TrainedRun): void {
  const { kind, pooling, mirror, scales, width, height, beside } = model;
  const refuse = (why: string): never => {
    throw new UserError(`The run "${name}" cannot be written as one network: ${why}. Export another.`);
  };
  if (kind !== "network") refuse(`its model.kind is ${kind}`);
  if (pooling !== "mean") refuse(`its model.pooling is ${pooling}, not mean`);
  if (beside.length > 0) refuse(`its features are those of ${beside.join(" and ")} too`);
  if (scales.join() !== "1") refuse("its features are those of several scales");
  if (mirror) refuse("its features are those of the mirror image too");
  if (width !== SIZE.width || height !== SIZE.height) refuse(`its posters are of ${width} × ${height} pixels`);
  if (training.loss.name !== "mse" && training.loss.name !== "huber") {
    refuse(`its head has the outputs of the ${training.loss.name} loss`);
  }
}

/** The format that a file's ending names; a `UsageError` where it names none. */
export function formatOf(out: string): ExportFormat {
  const format = EXPORT_FORMATS.find((known) => extname(out).toLowerCase() === `.${known}`);
  if (format) return format;
  throw new UsageError(`${out} ends neither in .onnx nor in .safetensors: say which by --format.`);
}

/** The head of a run, and its backbone: the run's own where it was trained, else that of the weights' file. */
async function modelParts(run: TrainedRun, options: WorkOptions): Promise<ModelParts> {
  const { backbone, hidden } = run.config.model;
  const path = run.file("best.safetensors");
  const { tensors } = await readSafetensors(path);
  const head = { path, tensors, prefix: "head." };
  const own = Object.keys(tensors).some((tensor) => tensor.startsWith("backbone."));
  const weights = own ? { path, tensors, prefix: "backbone." } : await frozenWeights(run, options);
  return { backbone: { architecture: architectureNamed(backbone), ...weights }, head: { hidden, ...head } };
}

/** The file that a frozen backbone was read from, if it is still the same. */
async function frozenWeights(run: TrainedRun, options: WorkOptions): Promise<PartWeights> {
  const { backbone, weights } = run.config.model;
  if (weights === "random") {
    throw new UserError(`The run "${run.name}" holds no backbone, for its own was random and frozen: export another.`);
  }
  const path = await resolveWeights(weights, { backbone, cache: cacheFolder(), ...options });
  const file = await readBytes(path);
  const trainedOn = (await readManifest(run))?.weights;
  if (trainedOn !== undefined && trainedOn !== sha256(file)) {
    throw new UserError(
      `${path} is not the file that the run "${run.name}" was trained on: put that back, or train again.`,
    );
  }
  return { path, tensors: parseNaming(path, file).tensors, prefix: "" };
}

/** What whoever runs the model must know of its input and output, as text. */
function describe({ name, config, calibration }: TrainedRun): Record<string, string> {
  const width = conformalWidth(calibration.residuals, config.evaluation.level);
  const interval = { interval_level: `${config.evaluation.level}`, interval_half_width_log10: `${width}` };
  return {
    name: "movie-revenue",
    run: name,
    backbone: config.model.backbone,
    input: "pixels: float32 [n, 3, height, width], red, green, blue; (value / 255 - mean) / std",
    ...scalingOf(config.model.scaling),
    size: `${SIZE.width}x${SIZE.height}`,
    resize: "the whole poster, squeezed without regard to its shape; bilinear with antialiasing, as Pillow's BILINEAR",
    output: "log10_revenue: float32 [n]; dollars are 10 to its power",
    ...(width === null ? {} : interval),
  };
}

/** Mean and deviation by which values from 0 to 1 are scaled, for each channel. */
function scalingOf(scaling: Scaling): Record<"mean" | "std", string> {
  if (scaling === "imagenet") return { mean: IMAGENET_MEAN.join(","), std: IMAGENET_STD.join(",") };
  const each = (value: number) => [value, value, value].join(",");
  return { mean: each(127 / 255), std: each(128 / 255) };
}
