import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openSource } from "movie-revenue/catalogue/open";
import { UserError } from "movie-revenue/errors";
import { describe, expect, it } from "vitest";
import { filmRecord, jpeg, tempFolder, writeFilms } from "./fixtures.ts";

const TAKES =
  "--data takes sample, hub:owner/name, a .parquet file or a folder of them, or a folder of images with facts.";

async function openIn(folder: string, name = ""): Promise<{ name: string; count?: number } | string> {
  const cache = join(folder, "cache");
  return openSource(join(folder, name), { cache }).then(
    ({ name, count }) => ({ name: name.replace(folder, "DIR"), count }),
    (error: Error) => {
      expect(error).toBeInstanceOf(UserError);
      return error.message.replaceAll(folder, "DIR");
    },
  );
}

describe("what --data names", () => {
  it("is a parquet file, whatever the case of its ending", async () => {
    const folder = await tempFolder();
    await writeFilms(join(folder, "films.PARQUET"), [filmRecord(1)]);
    expect(await openIn(folder, "films.PARQUET")).toEqual({ name: "DIR/films.PARQUET", count: 1 });
  });

  it("is a folder of parquet files, with other files beside them", async () => {
    const folder = await tempFolder();
    await writeFilms(join(folder, "a.parquet"), [filmRecord(1), filmRecord(2)]);
    await writeFile(join(folder, "dataset_infos.json"), "{}");
    expect(await openIn(folder)).toEqual({ name: "DIR", count: 2 });
  });

  it("is a folder of images with facts", async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, "a.jpg"), await jpeg());
    await writeFile(join(folder, "facts.csv"), "file,title,revenue\na.jpg,A,5\n");
    expect(await openIn(folder)).toEqual({ name: "DIR", count: 1 });
  });

  it("is the embedded sample", async () => {
    const source = await openSource("sample", { cache: join(await tempFolder(), "cache") });
    expect(source.name).toBe("sample");
  });

  it("is a data set on the hub, whose name is checked before anything is asked", async () => {
    const opened = openSource("hub:../x", { cache: await tempFolder() });
    await expect(opened).rejects.toThrow('"../x" is no name of a data set on the hub: write owner/name.');
  });
});

describe("anything else is one sentence", () => {
  it("a folder with both", async () => {
    const folder = await tempFolder();
    await writeFilms(join(folder, "a.parquet"), [filmRecord(1)]);
    await writeFile(join(folder, "a.jpg"), await jpeg());
    expect(await openIn(folder)).toBe(
      "The folder DIR holds parquet files and images: give the parquet files alone, or a folder of each.",
    );
  });

  it("an empty folder", async () => {
    expect(await openIn(await tempFolder())).toBe(`The folder DIR holds neither parquet files nor images: ${TAKES}`);
  });

  it("a file of another kind, and nothing at all", async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, "films.csv"), "id\n");
    expect(await openIn(folder, "films.csv")).toBe(`"DIR/films.csv" is neither a folder nor a .parquet file: ${TAKES}`);
    expect(await openIn(folder, "none")).toBe(`"DIR/none" does not exist: ${TAKES}`);
    await expect(openSource("", { cache: folder })).rejects.toThrow(`"" does not exist: ${TAKES}`);
  });

  it("a folder called .parquet, read as a folder", async () => {
    const folder = await tempFolder();
    await mkdir(join(folder, "x.parquet"));
    expect(await openIn(folder, "x.parquet")).toMatch(/^The folder DIR\/x\.parquet holds neither/);
  });
});
