import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { UserError } from "../errors";
import type { FeaturesOptions, WrittenFeatures } from "../features";
import { readSafetensors, writeLargeTensor } from "../model/safetensors";
import { imageFiles } from "../predict";
import { type RayTask, runOnRay } from "./cluster";

/** Posters of a part: enough that the start of Node does not count, few enough that many machines have some. */
const MOST = 512;
const LEAST = 16;
/** Parts that a small folder is cut into. */
const PARTS = 32;
const FILE = "features.safetensors";

/** The same file as `writeFeatures` makes, byte for byte, from parts that a Ray cluster works on. */
export async function writeFeaturesOnRay(
  images: string,
  out: string,
  { on, ...options }: FeaturesOptions & { on: string },
): Promise<WrittenFeatures> {
  const files = await imageFiles(images);
  const folder = await mkdtemp(join(tmpdir(), "movie-revenue-"));
  try {
    const tasks = tasksOf(files, { images, folder, ...options });
    const kept = "The features made so far are kept on their machines.";
    const ran = runOnRay(tasks, { ...options, on, kept, task: "extracting features on Ray", unit: "parts" });
    for await (const { code, complaint } of ran) {
      if (code !== 0) throw new UserError(`A part failed on Ray: ${complaint.trim().split("\n").at(-1)}`);
    }
    return await joinParts(
      tasks.map(({ outputs }) => join(outputs, FILE)),
      out,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A task for each part of the files. Weights that are a file of this machine go with it. */
function tasksOf(
  files: readonly string[],
  { images, folder, backbone, weights }: FeaturesOptions & { images: string; folder: string },
): RayTask[] {
  const size = Math.min(MOST, Math.max(LEAST, Math.ceil(files.length / PARTS)));
  const own: Record<string, string> = weights && existsSync(weights) ? { "weights.safetensors": resolve(weights) } : {};
  const weightsThere = Object.keys(own).length > 0 ? "{in}/weights.safetensors" : weights;
  const args = [
    ...["features", "--images", "{in}", "--out", `{out}/${FILE}`, "--part"],
    ...(backbone ? ["--backbone", backbone] : []),
    ...(weightsThere ? ["--weights", weightsThere] : []),
  ];
  return Array.from({ length: Math.ceil(files.length / size) }, (_, id) => {
    const part = files.slice(id * size, (id + 1) * size);
    const inputs = { ...own, ...Object.fromEntries(part.map((file) => [file, resolve(images, file)])) };
    return { id, args, inputs, outputs: join(folder, String(id)) };
  });
}

const text = <T extends z.ZodType>(schema: T) => z.string().transform((json) => schema.parse(JSON.parse(json)));
const metadataSchema = z.object({
  names: text(z.array(z.string())),
  skipped: text(z.array(z.object({ file: z.string(), reason: z.string() }))),
  backbone: z.string(),
  weights: z.string(),
});

async function joinParts(paths: readonly string[], out: string): Promise<WrittenFeatures> {
  const read: (z.infer<typeof metadataSchema> & { columns: number })[] = [];
  for (const path of paths) {
    const { tensors, metadata } = await readSafetensors(path);
    read.push({ ...metadataSchema.parse(metadata), columns: tensors.features?.shape[1] ?? 0 });
  }
  const { backbone, weights, columns } = read[0]!;
  if (read.some((part) => part.weights !== weights)) {
    throw new UserError("The machines of the Ray cluster have different weights: set the same project up on each.");
  }
  const [names, skipped] = [read.flatMap((part) => part.names), read.flatMap((part) => part.skipped)];
  if (names.length === 0) {
    throw new UserError(`No poster can be read (${skipped[0]?.file} ${skipped[0]?.reason}).`);
  }
  const metadata = { names: JSON.stringify(names), backbone, weights };
  await writeLargeTensor(out, { name: "features", shape: [names.length, columns], parts: dataOf(paths) }, metadata);
  return { names, dimensions: columns, skipped };
}

async function* dataOf(paths: readonly string[]): AsyncGenerator<Float32Array> {
  for (const path of paths) {
    const data = (await readSafetensors(path)).tensors.features?.data;
    if (data) yield data;
  }
}
