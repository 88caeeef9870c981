import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadEngine } from "movie-revenue/engine";
import { Random } from "movie-revenue/random";
import { sha256 } from "movie-revenue/system/files";
import { beforeAll, describe, expect, it } from "vitest";
import { commandLine, workplace, writeColouredFilms } from "../workplace.ts";
import { suite } from "./suite.ts";

const tried = suite("resuming");
const { name: engine } = await loadEngine();

const COMMON = ["training.batchSize=8", "training.plateau.patience=0", "evaluation.bootstrap=20", "data.maxInvalid=0"];

/** Small trainings by the command line, with all that has a state. */
const TRAININGS: Record<string, string[]> = {
  "a head": ["model.hidden=[8,4]", "model.dropout=[0.2,0.1]", "training.averaging=0.9", "training.maxEpochs=3"],
  "a fine-tuned ResNet18": [
    ...["model.backbone=resnet18", "model.weights=random", "model.width=32", "model.height=32", "training.freeze=none"],
    ...["model.hidden=[4]", "model.dropout=[0.2]", "training.accumulate=2", "training.augment.mirror=true"],
    ...["training.optimizer.name=sgd", "training.averaging=0.9", "training.maxEpochs=2"],
  ],
};

interface Moment {
  at: number;
  event: string;
  signal: NodeJS.Signals;
}

describe.skipIf(engine !== "native").each(Object.entries(TRAININGS))("%s", (name, settings) => {
  let runs = "";
  let args: string[] = [];
  let events: string[] = [];
  const training = (run: string, { moment, env = {} }: { moment?: Moment; env?: NodeJS.ProcessEnv } = {}) => {
    const preload = `--require ${fileURLToPath(new URL("moments.cjs", import.meta.url))}`;
    const at = moment && { MOMENT: String(moment.at), SIGNAL: moment.signal };
    return commandLine(["train", "--run", run, ...args], { env: { NODE_OPTIONS: preload, ...at, ...env } });
  };
  beforeAll(async () => {
    const place = await workplace();
    runs = place.runs;
    const data = await writeColouredFilms(join(place.folder, "films.parquet"), 30);
    args = ["--data", data, "--resume", ...[...COMMON, ...settings].flatMap((setting) => ["--set", setting])];
    const log = join(place.folder, "events.json");
    const { code, stderr } = await training("whole", { env: { EVENTS: log } });
    expect([code, stderr.match(/^epoch \d/gm)?.length]).toEqual([0, name === "a head" ? 3 : 2]);
    events = JSON.parse(await readFile(log, "utf8"));
  });

  it("stopped at any moment and resumed, ends in the same bytes", async () => {
    await tried.all(
      momentsOf(events, tried.seeds(25)),
      async (moment) => {
        const run = `run-${moment.signal}-${moment.at}`;
        const stopped = await training(run, { moment });
        expect(stopped.code).toBe(moment.signal === "SIGKILL" ? null : 130);
        const resumed = await training(run);
        expect([resumed.code, resumed.stderr.split("\n").filter((line) => /warn|error/i.test(line))]).toEqual([0, []]);
        expect(await filesOf(join(runs, run))).toEqual(await filesOf(join(runs, "whole")));
      },
      ({ at, event, signal }) => `${signal} at ${at} of ${events.length}, ${event}`,
    );
  });
});

/** By turns a kill in a step, a validation, a save and anywhere, and Ctrl-C in a step. */
function momentsOf(events: readonly string[], seeds: readonly number[]): Moment[] {
  const all = events.map((event, at) => ({ at, event }));
  const saves = all.filter(({ event }) => /(best|last)\.safetensors$|metrics\.jsonl$/.test(event));
  const training = all.filter(({ at, event }) => event.startsWith("op ") && at < saves.at(-1)!.at);
  // after an epoch's last update of a variable comes its validation, until its first file is opened
  const updates = training.filter(({ event }) => event.startsWith("op ResourceApply")).map(({ at }) => at);
  const isStep = ({ at }: { at: number }) => {
    const nextSave = saves.find((save) => save.at > at)!.at;
    return updates.some((update) => update > at && update < nextSave);
  };
  const [steps, validations] = [training.filter(isStep), training.filter((one) => !isStep(one))];
  return seeds.map((seed) => {
    const kinds = [steps, validations, saves, all, steps];
    const among = kinds[seed % kinds.length]!;
    const chosen = among[new Random([seed, 61]).integer(among.length)]!;
    return { ...chosen, signal: seed % kinds.length === 4 ? "SIGINT" : "SIGKILL" };
  });
}

/** The SHA-256 of what a run folder holds, metrics as they are, but for what tells of time: the manifest, what TensorBoard shows, and `seconds`. */
async function filesOf(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).filter((name) => !/^(manifest\.json$|events\.)/.test(name)).sort();
  const found: Record<string, string> = {};
  // one after the other: weights are large
  for (const name of names) {
    const content = await readFile(join(folder, name));
    const isMetrics = name === "metrics.jsonl";
    found[name] = isMetrics ? content.toString().replaceAll(/"seconds":[\d.e-]+/g, "") : sha256(content);
  }
  return found;
}
