import * as tf from "@tensorflow/tfjs";
import { describeArchitecture } from "./architecture";
import type { Architecture, Block, Frozen, Stage, Unit } from "./network";
import type { Weights } from "./safetensors";

/** EfficientNet-Lite0's stages: repeats, stride of the first block, expansion, filter, channels (TensorFlow's efficientnet/lite). */
const STAGES = [
  { repeats: 1, stride: 1, expansion: 1, kernel: 3, outputs: 16 },
  { repeats: 2, stride: 2, expansion: 6, kernel: 3, outputs: 24 },
  { repeats: 2, stride: 2, expansion: 6, kernel: 5, outputs: 40 },
  { repeats: 3, stride: 2, expansion: 6, kernel: 3, outputs: 80 },
  { repeats: 3, stride: 1, expansion: 6, kernel: 5, outputs: 112 },
  { repeats: 4, stride: 2, expansion: 6, kernel: 5, outputs: 192 },
  { repeats: 1, stride: 1, expansion: 6, kernel: 3, outputs: 320 },
] as const;

/** A convolution as TensorFlow pads it, with its batch norm and ReLU6; 1 × 1 unless told. */
function unit(
  names: { convolution: string; norm: string },
  shape: Pick<Unit, "inputs" | "outputs"> & Partial<Unit>,
): Unit {
  return { ...names, depthwise: false, kernel: 1, stride: 1, padding: "same", activation: "relu6", ...shape };
}

/** An inverted bottleneck (Sandler et al. 2018): expand, filter each channel, project. */
function bottleneck(
  name: string,
  {
    inputs,
    outputs,
    expansion,
    kernel,
    stride,
  }: Record<"inputs" | "outputs" | "expansion" | "kernel", number> & { stride: 1 | 2 },
): Block {
  const names = (part: string, norm: number) => ({ convolution: `${name}._${part}_conv`, norm: `${name}._bn${norm}` });
  const width = inputs * expansion;
  const units = [
    ...(expansion > 1 ? [unit(names("expand", 0), { inputs, outputs: width })] : []),
    unit(names("depthwise", 1), { inputs: width, outputs: width, depthwise: true, kernel, stride }),
    unit(names("project", 2), { inputs: width, outputs, activation: "none" }),
  ];
  return stride === 1 && inputs === outputs ? { units, skip: "identity" } : { units };
}

function lite0Stages(): Stage[] {
  const stem = unit({ convolution: "_conv_stem", norm: "_bn0" }, { inputs: 3, outputs: 32, kernel: 3, stride: 2 });
  const layers: Stage[] = [{ name: "stem", blocks: [{ units: [stem] }] }];
  let inputs = 32;
  let count = 0;
  for (const [stage, { repeats, stride, ...shape }] of STAGES.entries()) {
    const blocks = Array.from({ length: repeats }, (_, i) => {
      const block = bottleneck(`_blocks.${count++}`, { ...shape, inputs, stride: i === 0 ? stride : 1 });
      inputs = shape.outputs;
      return block;
    });
    layers.push({ name: `blocks${stage}`, blocks });
  }
  const head = unit({ convolution: "_conv_head", norm: "_bn1" }, { inputs, outputs: LITE0_DIMENSIONS });
  return [...layers, { name: "head", blocks: [{ units: [head] }] }];
}

/** Features of EfficientNet-Lite0. */
export const LITE0_DIMENSIONS = 1280;

/**
 * EfficientNet-Lite0 under the names of efficientnet-lite-pytorch; epsilon and momentum of Tan & Le 2019 (the official
 * TensorFlow code). Its blocks are never skipped at random in training (stochastic depth).
 */
export const lite0: Architecture = describeArchitecture({
  name: "efficientnet-lite0",
  layers: lite0Stages(),
  epsilon: 1e-3,
  momentum: 0.01,
});

export type Lite0 = Frozen;

/** EfficientNet-Lite0 for inference. */
export function buildLite0(weights: Weights): Lite0 {
  return lite0.freeze(weights);
}

/** Normalised pixels [n, height, width, 3] → features [n, 1280]: the last feature map, averaged over its places. */
export function lite0Features(network: Lite0, pixels: tf.Tensor4D): tf.Tensor2D {
  return tf.tidy(() => tf.mean(network.featureMap(pixels), [1, 2]));
}

export function disposeLite0(network: Lite0): void {
  network.dispose();
}
