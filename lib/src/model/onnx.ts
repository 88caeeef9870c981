import { Root, Writer } from "protobufjs/light";
import schema from "./onnx-schema.json";

/** Opset 17 and the file version that came with it (onnx/docs/Versioning.md): read by every runtime since 2022. */
const OPSET = 17;
const IR_VERSION = 8;

/** Numbers of the fields that hold the weights: `ModelProto.graph`, `GraphProto.initializer`, `TensorProto.raw_data`. */
const GRAPH = 7;
const INITIALIZER = 5;
const RAW_DATA = 9;

/** `TensorProto.DataType` (onnx.proto). */
const TYPES = { float: 1, int64: 7 } as const;

/** `AttributeProto.AttributeType` (onnx.proto). */
const FLOAT = 1;
const INT = 2;
const INTS = 7;

/** One operator: a number is an integer attribute, `{ float }` a real one. */
export interface OnnxNode {
  operator: string;
  inputs: readonly string[];
  output: string;
  attributes?: Readonly<Record<string, number | readonly number[] | { float: number }>>;
}

/** A constant of the graph, row-major. */
export interface OnnxConstant {
  shape: readonly number[];
  data: Float32Array | BigInt64Array;
}

/** A float32 input or output; a side that is a text is not fixed, and the text its name. */
export interface OnnxPort {
  name: string;
  shape: readonly (number | string)[];
}

/** A computation: nodes in an order in which each comes after those it reads. */
export interface OnnxModel {
  name: string;
  nodes: readonly OnnxNode[];
  constants: Readonly<Record<string, OnnxConstant>>;
  input: OnnxPort;
  output: OnnxPort;
  metadata?: Readonly<Record<string, string>>;
}

const messages = Root.fromJSON(schema);

/**
 * The bytes of an ONNX file (github.com/onnx/onnx, onnx/onnx.proto; the schema beside has the fields that are used).
 * protobufjs writes all but the weights, whose 100 MB it would copy four times.
 */
export function formatOnnx({ name, nodes, constants, input, output, metadata = {} }: OnnxModel): Uint8Array {
  const model = encode("ModelProto", {
    irVersion: IR_VERSION,
    producerName: "movie-revenue",
    opsetImport: [{ domain: "", version: OPSET }],
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  });
  const graph = encode("GraphProto", {
    name,
    node: nodes.map(nodeMessage),
    input: [portMessage(input)],
    output: [portMessage(output)],
  });
  const weights = Object.entries(constants).flatMap(([name, value]) =>
    field(INITIALIZER, ...constantBytes(name, value)),
  );
  return Buffer.concat([model, ...field(GRAPH, graph, ...weights)]);
}

/** What an ONNX file says of itself, by name. */
export function onnxMetadata(file: Uint8Array): Record<string, string> {
  const { metadataProps = [] } = messages.lookupType("ModelProto").decode(file) as {
    metadataProps?: { key: string; value: string }[];
  };
  return Object.fromEntries(metadataProps.map(({ key, value }) => [key, value]));
}

function encode(message: string, value: object): Uint8Array {
  return messages.lookupType(message).encode(value).finish();
}

/** A field that holds bytes or a message: its number and kind, its length, its content. */
function field(number: number, ...content: Uint8Array[]): Uint8Array[] {
  const length = content.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return [
    Writer.create()
      .uint32(number * 8 + 2)
      .uint32(length)
      .finish(),
    ...content,
  ];
}

function nodeMessage({ operator, inputs, output, attributes = {} }: OnnxNode): object {
  const attribute = Object.entries(attributes).map(([name, value]) => {
    if (typeof value === "number") return { name, type: INT, i: value };
    if ("float" in value) return { name, type: FLOAT, f: value.float };
    return { name, type: INTS, ints: value };
  });
  return { name: output, opType: operator, input: inputs, output: [output], attribute };
}

function constantBytes(name: string, { shape, data }: OnnxConstant): Uint8Array[] {
  const dataType = data instanceof Float32Array ? TYPES.float : TYPES.int64;
  // little-endian, like every machine that Node runs on
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return [encode("TensorProto", { name, dims: shape, dataType }), ...field(RAW_DATA, raw)];
}

function portMessage({ name, shape }: OnnxPort): object {
  const dim = shape.map((side) => (typeof side === "number" ? { dimValue: side } : { dimParam: side }));
  return { name, type: { tensorType: { elemType: TYPES.float, shape: { dim } } } };
}
