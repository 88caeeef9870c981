import { filterShape, weightOf } from "./layers";
import type { Architecture, Block, Unit } from "./network";
import type { OnnxConstant, OnnxNode } from "./onnx";
import type { Weights } from "./safetensors";

/** A feature map [n, channels, side, side] of the graph. */
interface FeatureMap {
  name: string;
  channels: number;
  side: number;
}

/** Numbers [n, width] of the graph. */
interface Row {
  name: string;
  width: number;
}

/** Where the weights of a part are found, and what they are called in the graph. */
export interface WeightNames {
  weights: Weights;
  /** What stands before PyTorch's names in the file. */
  inFile: string;
  /** What stands before them in the graph. */
  inGraph: string;
}

/** What a backbone is made of. */
export type Layers = Pick<Architecture, "layers" | "epsilon">;

/**
 * Collects the nodes of a network and, as constants under PyTorch's names, its weights; one that is missing or of
 * another shape than the layer's is a `UserError`.
 */
export class OnnxGraph {
  readonly nodes: OnnxNode[] = [];
  readonly constants: Record<string, OnnxConstant> = {};

  /** Pixels [n, 3, side, side] → features: the last feature map, averaged over its places. */
  backbone({ layers, epsilon }: Layers, pixels: { name: string; side: number }, names: WeightNames): Row {
    let x: FeatureMap = { ...pixels, channels: 3 };
    for (const { blocks } of layers) for (const block of blocks) x = this.block(x, block, { ...names, epsilon });
    const pooled = this.node("GlobalAveragePool", [x.name], "pooled");
    return { name: this.node("Flatten", [pooled], "features", { axis: 1 }), width: x.channels };
  }

  /** Features → [n, 1]: linear layers with ReLU between, as `applyHead` has them. */
  head(hidden: readonly number[], features: Row, names: WeightNames): Row {
    let x = features;
    for (const [layer, width] of [...hidden, 1].entries()) {
      const constants = [
        this.constant(`${layer}.weight`, [width, x.width], names),
        this.constant(`${layer}.bias`, [width], names),
      ];
      const name = this.node("Gemm", [x.name, ...constants], `${names.inGraph}${layer}`, { transB: 1 });
      x = { name: layer < hidden.length ? this.node("Relu", [name], `${name}.relu`) : name, width };
    }
    return x;
  }

  private block(input: FeatureMap, { units, pool, skip, relu }: Block, names: UnitNames): FeatureMap {
    let x = input;
    for (const unit of units) x = this.unit(x, unit, names);
    if (pool) x = this.maxPool(x);
    if (skip) {
      const beside = skip === "identity" ? input : this.unit(input, skip, names);
      x = { ...x, name: this.node("Add", [x.name, beside.name], `${x.name}.sum`) };
    }
    return relu ? { ...x, name: this.node("Relu", [x.name], `${x.name}.relu`) } : x;
  }

  private unit(x: FeatureMap, unit: Unit, names: UnitNames): FeatureMap {
    const { convolution, norm, inputs, outputs, depthwise, kernel, stride, activation } = unit;
    const [before, after] = paddingOf(unit, x.side);
    const filter = this.constant(`${convolution}.weight`, filterShape(unit), names);
    const convolved = this.node("Conv", [x.name, filter], names.inGraph + convolution, {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [before, before, after, after],
      group: depthwise ? inputs : 1,
    });
    // batch norm as it is, not folded: a runtime folds it when it loads the file, and the weights keep their names
    const parts = ["weight", "bias", "running_mean", "running_var"];
    const constants = parts.map((part) => this.constant(`${norm}.${part}`, [outputs], names));
    const epsilon = { epsilon: { float: names.epsilon } };
    const name = this.node("BatchNormalization", [convolved, ...constants], names.inGraph + norm, epsilon);
    const side = Math.floor((x.side + before + after - kernel) / stride) + 1;
    return { name: this.activation(name, activation), channels: outputs, side };
  }

  private maxPool({ name, channels, side }: FeatureMap): FeatureMap {
    const attributes = { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] };
    const pooled = this.node("MaxPool", [name], `${name}.maxpool`, attributes);
    return { name: pooled, channels, side: Math.floor((side - 1) / 2) + 1 };
  }

  private activation(x: string, activation: Unit["activation"]): string {
    if (activation === "none") return x;
    if (activation === "relu") return this.node("Relu", [x], `${x}.relu`);
    this.constants.zero = { shape: [], data: Float32Array.of(0) };
    this.constants.six = { shape: [], data: Float32Array.of(6) };
    return this.node("Clip", [x, "zero", "six"], `${x}.relu6`);
  }

  private constant(name: string, shape: readonly number[], { weights, inFile, inGraph }: WeightNames): string {
    const { data } = weightOf(weights, inFile + name, shape);
    this.constants[inGraph + name] = { shape, data };
    return inGraph + name;
  }

  private node(operator: string, inputs: string[], output: string, attributes: OnnxNode["attributes"] = {}): string {
    this.nodes.push({ operator, inputs, output, attributes });
    return output;
  }
}

type UnitNames = WeightNames & { epsilon: number };

/** Rows before and after a map of so many: as PyTorch pads, or as TensorFlow does, whose odd row goes after. */
export function paddingOf(
  { padding, kernel, stride }: Pick<Unit, "padding" | "kernel" | "stride">,
  side: number,
): [before: number, after: number] {
  if (padding === "torch") return [(kernel - 1) / 2, (kernel - 1) / 2];
  // so many that ⌈side / stride⌉ rows come out (TensorFlow, tf.nn: "Notes on padding")
  const total = Math.max(0, (Math.ceil(side / stride) - 1) * stride + kernel - side);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}
