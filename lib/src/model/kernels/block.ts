import * as tf from "@tensorflow/tfjs";
import type { Block, Pass, Unit } from "../network";
import { convolve, filterGradient, inputGradient } from "./convolution";
import { type Affine, activationGradient, type Moments, normaliseBy, normaliseByBatch, normGradient } from "./norm";
import { maxPool, maxPoolGradient, type Workspace } from "./pool";

/** What the units of a block are run with. */
export interface Setting extends Pick<Pass, "onStatistics"> {
  /** Parameters and running statistics in the engine's layouts. */
  tensors: Readonly<Record<string, tf.Tensor>>;
  epsilon: number;
  /** Whether batch norm normalises by the batch. */
  byBatch: boolean;
}

/** What a unit's gradient needs: its output is worked out again, from its convolution's. */
export interface UnitTrace {
  z: tf.Tensor4D;
  moments: Moments;
}

/** What a block's gradient needs. */
export interface BlockTrace {
  input: tf.Tensor4D;
  units: UnitTrace[];
  skip?: UnitTrace;
  workspace?: Workspace;
  output: tf.Tensor4D;
}

/** Gradients by the names of their parameters. */
export type Gradients = Record<string, tf.Tensor>;

function affineOf({ norm }: Unit, { tensors, epsilon }: Setting): Affine {
  return { scale: tensors[`${norm}.weight`] as tf.Tensor1D, offset: tensors[`${norm}.bias`] as tf.Tensor1D, epsilon };
}

function filterOf({ convolution }: Unit, { tensors }: Setting): tf.Tensor4D {
  return tensors[`${convolution}.weight`] as tf.Tensor4D;
}

/** A unit's output y, and what its gradient needs. */
function forwardUnit(unit: Unit, x: tf.Tensor4D, setting: Setting): { y: tf.Tensor4D; trace: UnitTrace } {
  const z = convolve(x, filterOf(unit, setting), unit);
  const affine = affineOf(unit, setting);
  if (!setting.byBatch) {
    const mean = setting.tensors[`${unit.norm}.running_mean`] as tf.Tensor1D;
    const variance = setting.tensors[`${unit.norm}.running_var`] as tf.Tensor1D;
    // without a batch the gradient's reserved inputs are the moments; the third is for a GPU in training
    const moments = { mean, variance, reserved: [mean, variance, tf.tensor1d([])] };
    return { y: normaliseBy(moments, z, affine, unit.activation), trace: { z, moments } };
  }
  const { y, moments } = normaliseByBatch(z, affine, unit.activation);
  const { mean, variance } = moments;
  setting.onStatistics?.(unit.norm, {
    mean: tf.keep(tf.clone(mean)),
    variance: tf.keep(tf.clone(variance)),
    count: z.size / z.shape[3],
  });
  return { y, trace: { z, moments } };
}

/** A block's output with what its gradient needs; the caller's tidy disposes the rest. */
export function forwardBlock(block: Block, input: tf.Tensor4D, setting: Setting): BlockTrace {
  const units: UnitTrace[] = [];
  let x = input;
  for (const unit of block.units) {
    const { y, trace } = forwardUnit(unit, x, setting);
    if (x !== input) x.dispose();
    units.push(trace);
    x = y;
  }
  if (block.pool) {
    const { y, workspace } = maxPool(x);
    x.dispose();
    return { input, units, workspace, output: y };
  }
  if (!block.skip) return { input, units, output: x };
  const shortcut = block.skip === "identity" ? undefined : forwardUnit(block.skip, input, setting);
  const sum = tf.add(x, shortcut?.y ?? input) as tf.Tensor4D;
  const output = block.relu ? tf.relu(sum) : sum;
  tf.dispose([x, ...(shortcut ? [shortcut.y] : []), ...(block.relu ? [sum] : [])]);
  return { input, units, skip: shortcut?.trace, output };
}

/** What a gradient is asked for, and where that of the parameters goes. */
interface Request {
  setting: Setting;
  /** Whether the parameters' gradient is wanted. */
  learns: boolean;
  /** Whether the input's is. */
  wantsInput: boolean;
  gradients: Gradients;
}

/**
 * Gradient of a block's input where it is wanted, given that of its output. Of the large tensors that it makes it keeps
 * no more than it needs at one time.
 */
export function backwardBlock(
  block: Block,
  trace: BlockTrace,
  { dOutput, ...request }: Request & { dOutput: tf.Tensor4D },
): tf.Tensor4D | undefined {
  const dSum = block.relu ? activationGradient(dOutput, trace.output, "relu") : dOutput;
  const dMain = backwardUnits(block, trace, { dSum, ...request });
  if (!block.skip) return dMain;
  const dSkip =
    block.skip === "identity"
      ? dSum
      : backwardUnit(block.skip, trace.skip!, { x: trace.input, y: trace.output, dy: dSum, ...request });
  return dMain && dSkip && tf.add(dMain, dSkip);
}

/** Back from the sum (or the pool) to the block's input, unit by unit. */
function backwardUnits(
  block: Block,
  { input, units, workspace, output }: BlockTrace,
  { dSum, ...request }: Request & { dSum: tf.Tensor4D },
): tf.Tensor4D | undefined {
  const outputOf = (i: number) =>
    normaliseBy(units[i]!.moments, units[i]!.z, affineOf(block.units[i]!, request.setting), block.units[i]!.activation);
  const last = units.length - 1;
  let y = block.pool ? outputOf(last) : output;
  let dy: tf.Tensor4D | undefined = block.pool ? maxPoolGradient(dSum, { x: y, y: output, workspace }) : dSum;
  for (let i = last; i >= 0; i--) {
    const x = i === 0 ? input : outputOf(i - 1);
    const wantsInput = request.wantsInput || i > 0;
    const dx = backwardUnit(block.units[i]!, units[i]!, { x, y, dy: dy!, ...request, wantsInput });
    tf.dispose([dy!, y].filter((tensor) => tensor !== dSum && tensor !== output));
    [y, dy] = [x, dx];
  }
  return dy;
}

/** Gradient of a unit's input where it is wanted, given that of its output y. */
function backwardUnit(
  unit: Unit,
  { z, moments }: UnitTrace,
  { x, y, dy, setting, learns, wantsInput, gradients }: Request & Record<"x" | "y" | "dy", tf.Tensor4D>,
): tf.Tensor4D | undefined {
  const du = activationGradient(dy, y, unit.activation);
  const norm = { ...affineOf(unit, setting), moments, byBatch: setting.byBatch };
  const { dz, dScale, dOffset } = normGradient(du, z, norm);
  if (du !== dy) du.dispose();
  const filter = filterOf(unit, setting);
  if (learns) {
    gradients[`${unit.convolution}.weight`] = filterGradient(x, dz, { ...unit, shape: filter.shape });
    gradients[`${unit.norm}.weight`] = dScale;
    gradients[`${unit.norm}.bias`] = dOffset;
  }
  const dx = wantsInput ? inputGradient(dz, filter, { ...unit, shape: x.shape }) : undefined;
  dz.dispose();
  return dx;
}
