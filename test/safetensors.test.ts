import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatSafetensors, parseSafetensors, readSafetensors } from "movie-revenue/model/safetensors";
import { describe, expect, it } from "vitest";
import { goldenPath } from "./golden.ts";

/** A file by hand: eight bytes of length, the header, the data. */
function file(header: string, data: number[] = []): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, Buffer.from(header), Buffer.from(new Float32Array(data).buffer)]);
}

describe("safetensors", () => {
  it("reads a file written by hand", () => {
    const header =
      '{"__metadata__":{"a":"b"},"y":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"x":{"dtype":"F32","shape":[2,1],"data_offsets":[4,12]}}';
    const { tensors, metadata } = parseSafetensors(file(header, [9, 1.5, -2]));
    expect(metadata).toEqual({ a: "b" });
    expect(tensors.x).toEqual({ shape: [2, 1], data: new Float32Array([1.5, -2]) });
  });

  it("reads what Python's safetensors wrote", async () => {
    const { tensors, metadata } = await readSafetensors(goldenPath("lite0-posters.safetensors"));
    expect(tensors.features?.shape).toEqual([20, 1280]);
    expect(Object.keys(JSON.parse(metadata.files!))).toHaveLength(20);
  });

  it("reads back what it wrote, with data at a multiple of eight bytes", () => {
    const weights = {
      "head.0.weight": { shape: [1, 2], data: new Float32Array([1, 2]) },
      scalar: { shape: [], data: new Float32Array([3]) },
      none: { shape: [0, 4], data: new Float32Array() },
    };
    const bytes = formatSafetensors(weights, { epoch: "3" });
    expect(Number(Buffer.from(bytes).readBigUInt64LE()) % 8).toBe(0);
    expect(parseSafetensors(bytes)).toEqual({ tensors: weights, metadata: { epoch: "3" } });
  });

  it("keeps a tensor named like a property of every object", () => {
    const weights = { constructor: { shape: [1], data: new Float32Array([7]) } };
    expect(parseSafetensors(formatSafetensors(weights)).tensors.constructor).toEqual(weights.constructor);
    expect(parseSafetensors(formatSafetensors({})).tensors.constructor).toBeUndefined();
  });

  it.each([
    ["cut before its header", Buffer.alloc(4), "shorter than its header"],
    ["a header longer than the file", file("{}").fill(255, 0, 2), "header is cut off"],
    ["a header that is no object", file("[]"), "no object"],
    ["data outside the file", file('{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'), '"x" does not fit'],
    [
      "a shape that the data does not fill",
      file('{"x":{"dtype":"F32","shape":[3],"data_offsets":[0,4]}}', [1]),
      "does not fit",
    ],
    ["a negative offset", file('{"x":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}', [1]), "no sound shape"],
    ["another type", file('{"x":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}', [1, 2]), "only F32"],
  ])("refuses %s", (_, bytes, reason) => {
    expect(() => parseSafetensors(bytes)).toThrow(reason);
  });

  it("names the file that is not one", async () => {
    const path = join(await mkdtemp(join(tmpdir(), "safetensors-")), "weights.safetensors");
    await expect(readSafetensors(path)).rejects.toThrow(`There is no file ${path}.`);
    await writeFile(path, "hello, I am a text file");
    await expect(readSafetensors(path)).rejects.toThrow(`${path} is not a sound safetensors file`);
  });
});
