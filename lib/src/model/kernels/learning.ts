import * as tf from "@tensorflow/tfjs";
import type { Architecture, Block, Pass, Stage } from "../network";
import { type BlockTrace, backwardBlock, forwardBlock, type Gradients, type Setting } from "./block";

type Network = Pick<Architecture, "layers" | "epsilon">;

/** A block with its stage's part in the pass. */
interface Place {
  block: Block;
  learns: boolean;
  setting: Setting;
}

/**
 * The last feature map by TensorFlow's fused kernels, the whole network being one op with a gradient of its own: what the
 * gradient needs is kept (each convolution's output and each block's), what can cheaply be worked out again is not, and
 * all of it goes as soon as it has been used. TensorFlow.js's own tape would keep every tensor until the end of the step.
 */
export function forwardFused(
  { layers, epsilon }: Network,
  tensors: Readonly<Record<string, tf.Tensor>>,
  { pixels, pass }: { pixels: tf.Tensor4D; pass: Pass },
): tf.Tensor4D {
  const places = layers.flatMap((stage) => placesOf(stage, { tensors, epsilon, pass }));
  // nothing is asked of what comes before the first stage that learns
  const first = recording() ? places.findIndex(({ learns }) => learns) : -1;
  if (first < 0) return forwardAlone(places, pixels);
  const input = first === 0 ? pixels : forwardAlone(places.slice(0, first), pixels);
  const output = forwardLearning(places.slice(first), tensors, input);
  if (input !== pixels) input.dispose();
  return output;
}

function placesOf(
  { name, blocks }: Stage,
  { tensors, epsilon, pass }: { tensors: Setting["tensors"]; epsilon: number; pass: Pass },
): Place[] {
  const learns = !pass.frozen.has(name);
  const setting = { tensors, epsilon, byBatch: learns && pass.batchStatistics, onStatistics: pass.onStatistics };
  return blocks.map((block) => ({ block, learns, setting }));
}

/** Whether a gradient will be asked for: TensorFlow.js is inside `grads`, `variableGrads` or their like. */
function recording(): boolean {
  return tf.engine().state.gradientDepth > 0;
}

/** Block by block, nothing kept. */
function forwardAlone(places: readonly Place[], pixels: tf.Tensor4D): tf.Tensor4D {
  let x = pixels;
  for (const { block, setting } of places) {
    const input = x;
    x = tf.tidy(() => forwardBlock(block, input, setting).output);
    if (input !== pixels) input.dispose();
  }
  return x;
}

function forwardLearning(places: readonly Place[], tensors: Setting["tensors"], input: tf.Tensor4D): tf.Tensor4D {
  const names = places.filter(({ learns }) => learns).flatMap(({ block }) => parametersOf(block));
  const network = tf.customGrad((...args) => {
    const save = args.at(-1) as unknown as tf.GradSaveFunc;
    const traces = traceForward(places, input);
    const kept = new Map([...new Set(tensorsOf(traces))].map((tensor, i) => [tensor, i]));
    save([...kept.keys()]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const recalled = traces.map((trace) => mapTensors(trace, (tensor) => saved[kept.get(tensor)!]!));
      const gradients = traceBackward(places, recalled, dy as tf.Tensor4D);
      return names.map((name) => gradients[name]!);
    };
    return { value: traces.at(-1)!.output, gradFunc };
  });
  return network(...names.map((name) => tensors[name]!)) as tf.Tensor4D;
}

/** Names of a block's parameters. */
export function parametersOf({ units, skip }: Block): string[] {
  return [...units, ...(typeof skip === "object" ? [skip] : [])].flatMap(({ convolution, norm }) => [
    `${convolution}.weight`,
    `${norm}.weight`,
    `${norm}.bias`,
  ]);
}

function traceForward(places: readonly Place[], input: tf.Tensor4D): BlockTrace[] {
  const traces: BlockTrace[] = [];
  let x = input;
  for (const { block, setting } of places) {
    const trace = forwardBlock(block, x, setting);
    traces.push(trace);
    x = trace.output;
  }
  return traces;
}

function traceBackward(places: readonly Place[], traces: readonly BlockTrace[], dy: tf.Tensor4D): Gradients {
  const gradients: Gradients = {};
  let dOutput = dy;
  for (let i = places.length - 1; i >= 0; i--) {
    const { block, learns, setting } = places[i]!;
    const trace = traces[i]!;
    const own: Gradients = {};
    const request = { dOutput, setting, learns, wantsInput: i > 0, gradients: own };
    const { dInput } = tf.tidy(() => ({ dInput: backwardBlock(block, trace, request), own }));
    Object.assign(gradients, own);
    if (dOutput !== dy) dOutput.dispose();
    // its input is the output of the block before, which needs it still
    tf.dispose(tensorsOf(trace).filter((tensor) => tensor !== trace.input));
    if (dInput) dOutput = dInput;
  }
  return gradients;
}

function tensorsOf(trace: object): tf.Tensor[] {
  return Object.values(trace).flatMap((part) =>
    part instanceof tf.Tensor ? [part] : typeof part === "object" && part !== null ? tensorsOf(part) : [],
  );
}

/** The same structure of other tensors. */
function mapTensors<T extends object>(trace: T, change: (tensor: tf.Tensor) => tf.Tensor): T {
  const mapped = Object.entries(trace).map(([key, part]) => {
    if (part instanceof tf.Tensor) return [key, change(part)];
    if (Array.isArray(part))
      return [key, part.map((item) => (item instanceof tf.Tensor ? change(item) : mapTensors(item, change)))];
    return [key, typeof part === "object" && part !== null ? mapTensors(part, change) : part];
  });
  return Object.fromEntries(mapped);
}
