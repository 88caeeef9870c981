import * as tf from "@tensorflow/tfjs";
import { type Convolution, convolve, convolveDepthwise, disposeConvolution, foldBatchNorm } from "./layers";
import type { Weights } from "./safetensors";

/** Features of EfficientNet-Lite0. */
export const LITE0_DIMENSIONS = 1280;

/** Epsilon of every batch norm of EfficientNet (Tan & Le 2019, the official TensorFlow code). */
const EPSILON = 1e-3;

/** EfficientNet-Lite0's stages: repeats, stride of the first block, expansion (TensorFlow's efficientnet/lite). */
const STAGES = [
  { repeats: 1, stride: 1, expansion: 1 },
  { repeats: 2, stride: 2, expansion: 6 },
  { repeats: 2, stride: 2, expansion: 6 },
  { repeats: 3, stride: 2, expansion: 6 },
  { repeats: 3, stride: 1, expansion: 6 },
  { repeats: 4, stride: 2, expansion: 6 },
  { repeats: 1, stride: 1, expansion: 6 },
] as const;

/** An inverted bottleneck (Sandler et al. 2018): expand, filter each channel, project. */
interface Block {
  expand?: Convolution;
  depthwise: Convolution;
  project: Convolution;
  /** Whether the input is added to the output: in every block of a stage but its first. */
  skip: boolean;
}

export interface Lite0 {
  stem: Convolution;
  blocks: Block[];
  head: Convolution;
}

/** EfficientNet-Lite0 for inference, from weights under the names of efficientnet-lite-pytorch. */
export function buildLite0(weights: Weights): Lite0 {
  const fold = (convolution: string, norm: string, stride: 1 | 2 = 1) =>
    foldBatchNorm(weights, { convolution, norm }, { epsilon: EPSILON, stride });
  const blocks: Block[] = [];
  for (const { repeats, stride, expansion } of STAGES) {
    for (let repeat = 0; repeat < repeats; repeat++) {
      const name = `_blocks.${blocks.length}`;
      blocks.push({
        expand: expansion > 1 ? fold(`${name}._expand_conv`, `${name}._bn0`) : undefined,
        depthwise: fold(`${name}._depthwise_conv`, `${name}._bn1`, repeat === 0 ? stride : 1),
        project: fold(`${name}._project_conv`, `${name}._bn2`),
        skip: repeat > 0,
      });
    }
  }
  return { stem: fold("_conv_stem", "_bn0", 2), blocks, head: fold("_conv_head", "_bn1") };
}

/** Normalised pixels [n, height, width, 3] → features [n, 1280]: the last feature map, averaged over its places. */
export function lite0Features({ stem, blocks, head }: Lite0, pixels: tf.Tensor4D): tf.Tensor2D {
  return tf.tidy(() => {
    let x = convolve(pixels, stem);
    for (const block of blocks) x = tf.tidy(() => applyBlock(block, x));
    return tf.mean(convolve(x, head), [1, 2]) as tf.Tensor2D;
  });
}

function applyBlock({ expand, depthwise, project, skip }: Block, input: tf.Tensor4D): tf.Tensor4D {
  const expanded = expand ? convolve(input, expand) : input;
  const projected = convolve(convolveDepthwise(expanded, depthwise), project, false);
  return skip ? tf.add(projected, input) : projected;
}

export function disposeLite0({ stem, blocks, head }: Lite0): void {
  for (const { expand, depthwise, project } of blocks) {
    for (const convolution of [expand, depthwise, project]) if (convolution) disposeConvolution(convolution);
  }
  disposeConvolution(stem);
  disposeConvolution(head);
}
