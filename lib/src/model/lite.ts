import { describeArchitecture } from "./architecture";
import type { Architecture, Block, Stage, Unit } from "./network";

/** The family by what its stages are scaled by (Tan & Le 2019; TensorFlow's efficientnet/lite): channels, and repeats of blocks. */
const FAMILY = {
  "efficientnet-lite0": { width: 1, depth: 1 },
  "efficientnet-lite1": { width: 1, depth: 1.1 },
  "efficientnet-lite2": { width: 1.1, depth: 1.2 },
} as const;

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

/** A multiple of 8, and never less than nine tenths of the scaled channels. */
function scaledChannels(channels: number, width: number): number {
  const scaled = channels * width;
  const rounded = Math.max(8, 8 * Math.floor((scaled + 4) / 8));
  return rounded < 0.9 * scaled ? rounded + 8 : rounded;
}

/** Stem and head are as wide in the whole family, and its first and last stages as deep. */
function stagesOf({ width, depth }: { width: number; depth: number }): Stage[] {
  const stem = unit({ convolution: "_conv_stem", norm: "_bn0" }, { inputs: 3, outputs: 32, kernel: 3, stride: 2 });
  const layers: Stage[] = [{ name: "stem", blocks: [{ units: [stem] }] }];
  let inputs = 32;
  let count = 0;
  for (const [stage, { repeats, stride, ...shape }] of STAGES.entries()) {
    const outputs = scaledChannels(shape.outputs, width);
    const isEnd = stage === 0 || stage === STAGES.length - 1;
    const blocks = Array.from({ length: isEnd ? repeats : Math.ceil(depth * repeats) }, (_, i) => {
      const block = bottleneck(`_blocks.${count++}`, { ...shape, inputs, outputs, stride: i === 0 ? stride : 1 });
      inputs = outputs;
      return block;
    });
    layers.push({ name: `blocks${stage}`, blocks });
  }
  const head = unit({ convolution: "_conv_head", norm: "_bn1" }, { inputs, outputs: LITE_DIMENSIONS });
  return [...layers, { name: "head", blocks: [{ units: [head] }] }];
}

/** Features of every EfficientNet-Lite. */
export const LITE_DIMENSIONS = 1280;

/**
 * An EfficientNet-Lite under the names of efficientnet-lite-pytorch; epsilon and momentum of Tan & Le 2019 (the official
 * TensorFlow code). Its blocks are never skipped at random in training (stochastic depth).
 */
function lite(name: keyof typeof FAMILY): Architecture {
  return describeArchitecture({ name, layers: stagesOf(FAMILY[name]), epsilon: 1e-3, momentum: 0.01 });
}

export const lite0 = lite("efficientnet-lite0");
export const lite1 = lite("efficientnet-lite1");
export const lite2 = lite("efficientnet-lite2");
