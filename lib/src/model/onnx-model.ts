import { SIZE } from "../posters/pixels";
import type { OnnxModel } from "./onnx";
import { type Layers, OnnxGraph } from "./onnx-graph";
import type { Weights } from "./safetensors";
import { namingFile } from "./weights-source";

/** Tensors of a file; those whose names begin with `prefix` are meant. */
export interface PartWeights {
  path: string;
  tensors: Weights;
  prefix: string;
}

/** A backbone and the head that reads its features. */
export interface ModelParts {
  backbone: PartWeights & { architecture: Layers };
  /** The widths of its hidden layers beside its weights. */
  head: PartWeights & { hidden: readonly number[] };
}

/**
 * A model as an ONNX graph: `pixels` [n, 3, 224, 224], normalised, to `log10_revenue` [n], with batch norm by its
 * running statistics and no dropout. Its constants are the weights, under `backbone.` and `head.` and PyTorch's names.
 * A tensor that is missing or of another shape is a `UserError` that names its file.
 */
export function onnxModel({ backbone, head }: ModelParts): Omit<OnnxModel, "name"> {
  const graph = new OnnxGraph();
  const names = ({ tensors, prefix }: PartWeights, inGraph: string) => ({ weights: tensors, inFile: prefix, inGraph });
  const pixels = { name: "pixels", side: SIZE.width };
  const features = namingFile(backbone.path, () =>
    graph.backbone(backbone.architecture, pixels, names(backbone, "backbone.")),
  );
  const { name } = namingFile(head.path, () => graph.head(head.hidden, features, names(head, "head.")));
  const axis = { shape: [1], data: BigInt64Array.of(1n) };
  return {
    nodes: [...graph.nodes, { operator: "Squeeze", inputs: [name, "axis"], output: "log10_revenue" }],
    constants: { ...graph.constants, axis },
    input: { name: "pixels", shape: ["n", 3, SIZE.height, SIZE.width] },
    output: { name: "log10_revenue", shape: ["n"] },
  };
}

/** The weights among the constants of a model's graph. */
export function weightsOf({ constants }: Pick<OnnxModel, "constants">): Weights {
  const weights: Weights = {};
  for (const [name, { shape, data }] of Object.entries(constants)) {
    if (/^(backbone|head)\./.test(name)) weights[name] = { shape: [...shape], data: data as Float32Array };
  }
  return weights;
}
