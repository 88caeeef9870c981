import type { InferenceSession, Tensor, TypedTensor } from "onnxruntime-node";
import { reasonOf, UserError } from "../errors";
import { onnxMetadata } from "../model/onnx";
import { readBytes } from "../model/safetensors";
import { madeBySetup, weightsFile } from "../model/weights-source";
import type { Image } from "../posters/decode";
import { IMAGENET_MEAN, IMAGENET_STD } from "../posters/normalise";
import { resize } from "../posters/resample";
import { sha256 } from "../system/files";
import { type Box, boxesIn, type LetteringMap } from "./boxes";
import { type Letters, lettersOf } from "./letters";

/** A line of lettering on a poster, in pixels of the poster at twice its size. */
export type Line = Box & Letters;

/** Two networks that read: one finds lines of lettering, the other tells their letters. */
export interface Reader {
  /** Every line of a poster whose sides are multiples of 16, from the top. */
  read(poster: Image): Promise<Line[]>;
  close(): Promise<void>;
}

/** PP-OCRv6 small (PaddleOCR, Apache-2.0), as set-up takes it from PyPI's rapidocr. */
const FILES = ["pp-ocrv6-detector.onnx", "pp-ocrv6-recogniser.onnx"] as const;

/** Posters of the set are 185 pixels wide: at twice the size of the model's view more of their letters are told. */
const ENLARGED = 2;
/** The recogniser reads lines of this height, at least so wide; what is missing at the right is grey. */
const LINE = { height: 48, width: 320 };

/** A network runs on all cores, and between two runs its threads sleep: by themselves they would spin and take the cores from us. */
const WAITING = { extra: { session: { intra_op: { allow_spinning: "0" } } } };

/** Blue, green and red in this order, scaled as each network was trained: ImageNet's numbers stand in red's order in PaddleOCR. */
const DETECTOR: Scale = { means: IMAGENET_MEAN, deviations: IMAGENET_STD };
const RECOGNISER: Scale = { means: [0.5, 0.5, 0.5], deviations: [0.5, 0.5, 0.5] };

interface Scale {
  means: readonly number[];
  deviations: readonly number[];
}

/** The files of both networks, and the SHA-256 that tells them from others. */
export interface ReaderFiles {
  detector: Uint8Array;
  recogniser: Uint8Array;
  hash: string;
}

/** A `UserError` where set-up has not put the networks there. */
export async function readerFiles(): Promise<ReaderFiles> {
  const [detector, recogniser] = await Promise.all(FILES.map((name) => readBytes(madeBySetup(weightsFile(name)))));
  return { detector: detector!, recogniser: recogniser!, hash: sha256([detector!, recogniser!].map(sha256).join()) };
}

/** Opens the networks; the caller closes them. */
export async function openReader({ detector, recogniser }: ReaderFiles): Promise<Reader> {
  const { InferenceSession, Tensor } = await runtime();
  const open = (file: Uint8Array) => InferenceSession.create(file, WAITING);
  const [finding, telling] = [await open(detector), await open(recogniser)];
  const alphabet = alphabetOf(recogniser);
  const run = async (session: InferenceSession, { data, width, height }: Planes): Promise<Float32Array> => {
    const input = new Tensor("float32", data, [1, 3, height, width]);
    const output: Tensor = (await session.run({ [session.inputNames[0]!]: input }))[session.outputNames[0]!]!;
    return (output as TypedTensor<"float32">).data;
  };
  return {
    async read(poster) {
      const [width, height] = [poster.width * ENLARGED, poster.height * ENLARGED];
      const large: Image = { width, height, data: resize(poster, width, height) };
      const map: LetteringMap = { width, height, data: await run(finding, planesOf(large, DETECTOR)) };
      const lines: Line[] = [];
      for (const box of boxesIn(map)) {
        lines.push({ ...box, ...lettersOf(await run(telling, lineOf(large, box)), alphabet) });
      }
      return lines;
    },
    async close() {
      await finding.release();
      await telling.release();
    },
  };
}

/** A large library, which only those who read wait for. */
async function runtime(): Promise<typeof import("onnxruntime-node")> {
  try {
    return await import("onnxruntime-node");
  } catch (thrown) {
    throw new UserError(
      `onnxruntime, which reads posters, cannot be loaded (${reasonOf(thrown)}): set model.kernel.writing=0 to do without.`,
    );
  }
}

/** The recogniser's letters by their numbers: the blank, those that its file names, and the space. */
function alphabetOf(recogniser: Uint8Array): string[] {
  return ["", ...(onnxMetadata(recogniser).character ?? "").split("\n"), " "];
}

/** Float32 by colour and row, as PaddleOCR's networks read pictures. */
interface Planes {
  width: number;
  height: number;
  data: Float32Array;
}

/** A line at the recogniser's height. */
function lineOf(poster: Image, box: Box): Planes {
  const width = Math.ceil((LINE.height * box.width) / box.height);
  const line: Image = { width, height: LINE.height, data: resize(cut(poster, box), width, LINE.height) };
  return planesOf(line, RECOGNISER, Math.max(LINE.width, width));
}

function cut({ width: across, data }: Image, { x, y, width, height }: Box): Image {
  const part = new Uint8Array(3 * width * height);
  for (let row = 0; row < height; row++) {
    const start = 3 * ((y + row) * across + x);
    part.set(data.subarray(start, start + 3 * width), 3 * row * width);
  }
  return { width, height, data: part };
}

/** A picture's planes, filled up with zeros to a greater width. */
function planesOf({ width, height, data }: Image, { means, deviations }: Scale, across = width): Planes {
  const planes = new Float32Array(3 * across * height);
  for (let plane = 0; plane < 3; plane++) {
    const [mean, deviation] = [means[plane]!, deviations[plane]!];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const value = data[3 * (y * width + x) + 2 - plane]! / 255;
        planes[(plane * height + y) * across + x] = (value - mean) / deviation;
      }
    }
  }
  return { width: across, height, data: planes };
}
