import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeConfig, PRESETS, readConfig } from "movie-revenue/config";
import { UsageError } from "movie-revenue/errors";
import { writeJson } from "movie-revenue/system/files";
import { describe, expect, it } from "vitest";
import { tempFolder } from "./fixtures.ts";

const set = (...settings: string[]) => makeConfig({ set: settings });
const refusal = (options: Parameters<typeof makeConfig>[0]): string => {
  try {
    makeConfig(options);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(UsageError);
    return (thrown as UsageError).message;
  }
  throw new Error("nothing was refused");
};

describe("the defaults", () => {
  it("are the recipe of the issue", () => {
    const { data, split, model, training } = makeConfig();
    expect(data).toEqual({
      source: "sample",
      minRevenue: 1e7,
      minBudget: 0,
      minYear: 0,
      maxFilms: 0,
      maxInvalid: 0.2,
      keepShards: false,
    });
    expect(split).toEqual({ by: "random", test: 0.1, validation: 0.1, seed: 42 });
    expect(model).toMatchObject({ hidden: [1024, 512, 1024], dropout: [0.2, 0.1, 0.2] });
    expect(training).toMatchObject({
      batchSize: 32,
      learningRate: 2e-4,
      weightDecay: 1e-4,
      maxEpochs: 30,
      plateau: { factor: 0.5, patience: 2 },
      earlyStopping: 7,
      sampleEvery: 5,
    });
  });

  it("are new for every caller", () => {
    makeConfig().model.hidden.push(1);
    expect(makeConfig().model.hidden).toEqual([1024, 512, 1024]);
  });
});

describe("presets", () => {
  it.each(Object.keys(PRESETS))("%s is a whole configuration", (preset) => {
    const config = makeConfig({ preset });
    expect(Object.keys(config)).toEqual(["data", "split", "model", "training", "evaluation"]);
    expect(config).toMatchObject(PRESETS[preset]!);
  });

  it("are joined by commas, the later over the earlier", () => {
    const { data, training } = makeConfig({ preset: "quick, 1M-modern" });
    expect(data).toEqual({
      source: "sample",
      minRevenue: 1e6,
      minBudget: 1e5,
      minYear: 2000,
      maxFilms: 64,
      maxInvalid: 0.2,
      keepShards: false,
    });
    expect(training.maxEpochs).toBe(6);
    expect(makeConfig({ preset: "10M,50M" }).data.minRevenue).toBe(5e7);
    expect(makeConfig({ preset: "50M,10M" }).data.minRevenue).toBe(1e7);
  });

  it("give way to --data, and both to --set", () => {
    expect(makeConfig({ preset: "posters" }).data.source).toBe("hub:skvarre/movie_posters-100k");
    expect(makeConfig({ preset: "posters", data: "a" }).data.source).toBe("a");
    expect(makeConfig({ preset: "posters", data: "a", set: ["data.source=b"] }).data.source).toBe("b");
  });

  it.each([
    ["smaple", 'There is no preset "smaple": did you mean "sample"?'],
    ["quick,1M-modrn", 'There is no preset "1M-modrn": did you mean "1M-modern"?'],
    ["nothing", 'There is no preset "nothing": take one of sample, posters, paper, fused, quick, 10M, 50M, 1M-modern.'],
    [
      "toString",
      'There is no preset "toString": take one of sample, posters, paper, fused, quick, 10M, 50M, 1M-modern.',
    ],
  ])("%s is refused", (preset, message) => expect(refusal({ preset })).toBe(message));
});

describe("settings", () => {
  it("are JSON, else text", () => {
    const { data, training, model, split } = set(
      "training.plateau.factor=0.1",
      "training.maxEpochs = 1e1",
      "model.hidden=[8]",
      "model.dropout=[0]",
      "data.source=folder=with=equals",
      "split.seed=7",
    );
    expect([training.plateau, training.maxEpochs]).toEqual([{ factor: 0.1, patience: 2 }, 10]);
    expect([model.hidden, model.dropout]).toEqual([[8], [0]]);
    expect([data.source, split]).toEqual(["folder=with=equals", { by: "random", test: 0.1, validation: 0.1, seed: 7 }]);
  });

  it("later ones win, and leave their neighbours alone", () => {
    expect(set("split.seed=1", "split.seed=2", "split.test=0.2").split).toEqual({
      by: "random",
      test: 0.2,
      validation: 0.1,
      seed: 2,
    });
  });

  it.each([
    ["training.maxEpoch=3", 'There is no setting "training.maxEpoch": did you mean "training.maxEpochs"?'],
    ["traning.seed=3", 'There is no setting "traning.seed": did you mean "training.seed"?'],
    ["maxEpochs", '--set takes key=value, as training.maxEpochs=5, and was given "maxEpochs".'],
    ["=5", '--set takes key=value, as training.maxEpochs=5, and was given "=5".'],
    ["training.maxEpochs=three", "The setting training.maxEpochs is wrong: expected number, received string."],
    ["training.maxEpochs=", "The setting training.maxEpochs is wrong: expected number, received string."],
    ["training.maxEpochs=2.5", "The setting training.maxEpochs is wrong: expected int, received number."],
    ["training.maxEpochs=0", "The setting training.maxEpochs is wrong: Too small: expected number to be >0."],
    ["split.test=1.5", "The setting split.test is wrong: Too big: expected number to be <=1."],
    ["data.source=12", "The setting data.source is wrong: expected string, received number."],
    ["model.hidden=[8,0,8]", "The setting model.hidden.1 is wrong: Too small: expected number to be >0."],
    ["model.hidden=[8]", "The setting model is wrong: hidden and dropout must be equally long."],
    ["training.plateau={}", 'There is no setting "training.plateau": did you mean "training.plateau.factor"?'],
  ])("%s is refused", (setting, message) => expect(refusal({ set: [setting] })).toBe(message));

  it.each(["__proto__.polluted=1", "constructor.prototype.polluted=1", "training.__proto__=1"])("%s", (setting) => {
    expect(refusal({ set: [setting] })).toMatch(/^There is no setting /);
    expect({}).not.toHaveProperty("polluted");
  });
});

describe("readConfig", () => {
  const fileOf = async (content: unknown): Promise<string> => {
    const path = join(await tempFolder(), "run", "config.json");
    await mkdir(dirname(path));
    if (typeof content === "string") await writeFile(path, content);
    else await writeJson(path, content);
    return path;
  };

  it("reads what a run was made with", async () => {
    const config = makeConfig({ preset: "quick,50M", set: ["model.hidden=[4]", "model.dropout=[0.5]"] });
    expect(await readConfig(await fileOf(config))).toEqual(config);
  });

  it("takes the default for a setting that an older run did not know", async () => {
    const { training, ...rest } = makeConfig();
    const { sampleEvery: _, ...older } = training;
    expect((await readConfig(await fileOf({ ...rest, training: older }))).training.sampleEvery).toBe(5);
  });

  it.each([
    [{ data: { sauce: "x" } }, 'There is no setting "data.sauce": remove it.'],
    [{ extra: 1 }, 'There is no setting "extra": remove it.'],
    [{ split: { seed: "42" } }, "The setting split.seed is wrong: expected number, received string."],
    [[], "The configuration is wrong: expected object, received array."],
  ])("refuses %j", async (content, reason) => {
    const path = await fileOf(content);
    await expect(readConfig(path)).rejects.toMatchObject({ name: "UserError", message: `${path}: ${reason}` });
  });

  it("refuses a file that is cut off", async () => {
    const path = await fileOf('{"data": {');
    await expect(readConfig(path)).rejects.toThrow(`${path} is not valid JSON`);
  });
});
