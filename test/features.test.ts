import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFeatures } from "movie-revenue/features";
import { formatSafetensors, readSafetensors } from "movie-revenue/model/safetensors";
import { projectRoot, sha256 } from "movie-revenue/system/files";
import { beforeAll, describe, expect, it } from "vitest";
import { jpeg, png } from "./fixtures.ts";
import { largestDifference } from "./golden.ts";
import { handmadeRun } from "./runs.ts";
import { commandLine, workplace } from "./workplace.ts";

let folder: string;
let images: string;

beforeAll(async () => {
  ({ folder } = await workplace());
  images = join(folder, "images");
  await mkdir(images);
  await writeFile(join(images, "b.jpg"), await jpeg({ seed: 1 }));
  await writeFile(join(images, "a.png"), await png({ color: [200, 30, 90] }));
  await writeFile(join(images, "C.jpg"), await jpeg({ color: [3, 90, 200] }));
  await copyFile(join(images, "b.jpg"), join(images, "d twin.jpeg"));
  await writeFile(join(images, "e.jpg"), "no picture");
});

const out = () => join(folder, "out.safetensors");
const featuresOf = async (from = images) => {
  const { names } = await writeFeatures(from, out());
  const { shape, data } = (await readSafetensors(out())).tensors.features!;
  const row = (name: string) => data.subarray(names.indexOf(name) * 1280, (names.indexOf(name) + 1) * 1280);
  return { shape, data, row };
};

describe("writeFeatures", () => {
  it("writes rows in file-name order, and says of what and by what", async () => {
    const done = await writeFeatures(images, out());
    // as JavaScript and Python sort: capitals come first
    const names = ["C.jpg", "a.png", "b.jpg", "d twin.jpeg"];
    expect(done).toEqual({
      names,
      dimensions: 1280,
      skipped: [{ file: "e.jpg", reason: "is not a JPEG, PNG or WebP picture" }],
    });
    const { tensors, metadata } = await readSafetensors(out());
    expect(Object.keys(tensors)).toEqual(["features"]);
    expect(tensors.features!.shape).toEqual([4, 1280]);
    expect(metadata).toEqual({
      names: JSON.stringify(names),
      backbone: "efficientnet-lite0",
      weights: sha256(await readFile(join(projectRoot(), "data/weights/efficientnet-lite0.safetensors"))),
    });
  });

  it("gives one picture under two names one row twice, and other pictures others", async () => {
    const { row } = await featuresOf();
    expect(row("d twin.jpeg")).toEqual(row("b.jpg"));
    expect(largestDifference(row("a.png"), row("b.jpg"))).toBeGreaterThan(0.1);
    expect(largestDifference(row("a.png"), row("C.jpg"))).toBeGreaterThan(0.1);
  });

  it("is the same bit for bit from a warm cache and from a cold one", async () => {
    const warm = await featuresOf();
    const before = process.env.MOVIE_REVENUE_CACHE;
    process.env.MOVIE_REVENUE_CACHE = join(folder, "cold");
    try {
      const cold = await featuresOf();
      expect(cold.shape).toEqual(warm.shape);
      expect(Buffer.from(cold.data.buffer).equals(Buffer.from(warm.data.buffer))).toBe(true);
    } finally {
      process.env.MOVIE_REVENUE_CACHE = before;
    }
  });

  // for processors without AVX-512, and for those where TensorFlow leaves oneDNN out
  it.each([{ ONEDNN_MAX_CPU_ISA: "AVX2" }, { TF_ENABLE_ONEDNN_OPTS: "0" }])(
    "does not depend on the pictures beside, bit for bit, with %o",
    async (processor) => {
      const { folder } = await workplace();
      const [many, alone] = [join(folder, "many"), join(folder, "alone")];
      await mkdir(many);
      await mkdir(alone);
      for (let seed = 10; seed < 35; seed++) await writeFile(join(many, `${seed}.jpg`), await jpeg({ seed }));
      await copyFile(join(many, "10.jpg"), join(alone, "10.jpg"));
      const rowsOf = async (images: string) => {
        const env = { ...processor, MOVIE_REVENUE_CACHE: `${images} cache` };
        expect(await commandLine(["features", "--images", images, "--out", out()], { env })).toMatchObject({ code: 0 });
        return (await readSafetensors(out())).tensors.features!.data;
      };
      const [row, rows] = [await rowsOf(alone), await rowsOf(many)];
      expect(rows.subarray(0, 1280)).toEqual(row);
    },
  );

  it("uses the weights it is given, and keeps the features of both apart", async () => {
    const path = join(projectRoot(), "data/weights/efficientnet-lite0.safetensors");
    const { tensors, metadata } = await readSafetensors(path);
    // the last batch norm without its scale leaves relu6(bias), whatever the picture
    const name = "_bn1.weight";
    const other = { ...tensors, [name]: { ...tensors[name]!, data: new Float32Array(tensors[name]!.data.length) } };
    const weights = join(folder, "other.safetensors");
    await writeFile(weights, formatSafetensors(other, metadata));
    await writeFeatures(images, out(), { weights });
    const { data } = (await readSafetensors(out())).tensors.features!;
    const bias = tensors["_bn1.bias"]!.data.map((value) => Math.min(6, Math.max(0, value)));
    expect(largestDifference(data.subarray(0, 1280), bias)).toBeLessThan(1e-5);
    expect(largestDifference(data.subarray(1280, 2560), bias)).toBeLessThan(1e-5);
    expect(largestDifference((await featuresOf()).row("C.jpg"), bias)).toBeGreaterThan(0.1);
  });

  it("refuses another model's weights, what is no safetensors file, and an unknown backbone", async () => {
    const weights = (await handmadeRun("head")).file("best.safetensors");
    await expect(writeFeatures(images, out(), { weights })).rejects.toThrow(
      /\.safetensors: The weights have no tensor "_.*": these are not this model's weights\.$/,
    );
    const text = join(folder, "text.safetensors");
    await writeFile(text, "no weights at all");
    await expect(writeFeatures(images, out(), { weights: text })).rejects.toThrow(`${text} is not a sound safetensors`);
    await expect(writeFeatures(images, out(), { weights: join(folder, "none") })).rejects.toThrow("There is no file");
    await expect(writeFeatures(images, out(), { backbone: "vgg" })).rejects.toThrow('There is no backbone "vgg"');
  });
});
