import { InferenceSession, Tensor } from "onnxruntime-node";

/** What onnxruntime computes of a model's one output from pixels [n, height, width, 3], which it is given by channel. */
export async function runOnnx(
  model: Uint8Array,
  pixels: Float32Array,
  { height = 224, width = 224 } = {},
): Promise<{ name: string; shape: readonly number[]; data: Float32Array }> {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 2 });
  const [places, n] = [height * width, pixels.length / (3 * height * width)];
  const byChannel = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i += 3) {
    const [picture, place] = [Math.floor(i / (3 * places)), (i / 3) % places];
    for (let c = 0; c < 3; c++) byChannel[(3 * picture + c) * places + place] = pixels[i + c]!;
  }
  const outputs = await session.run({ pixels: new Tensor("float32", byChannel, [n, 3, height, width]) });
  const [name, output] = Object.entries(outputs)[0]!;
  await session.release();
  return { name, shape: output.dims, data: output.data as Float32Array };
}
