import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { formatEpochs, logRun } from "movie-revenue/log";
import { runNamed, writeMetrics } from "movie-revenue/runs/run";
import { readJson, writeJson } from "movie-revenue/system/files";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { closedUrl } from "./hub-server.ts";
import { type StoredRun, serve, startFakeMlflow, startRealMlflow } from "./mlflow-server.ts";
import { handmadeRun } from "./runs.ts";
import { commandLine, workplace } from "./workplace.ts";

// whoever runs the tests may have these set
beforeAll(() => {
  for (const name of ["TOKEN", "USERNAME", "PASSWORD"]) vi.stubEnv(`MLFLOW_TRACKING_${name}`, "");
});
afterEach(() => void vi.stubEnv("MLFLOW_TRACKING_TOKEN", ""));

const STARTED = "2026-11-26T01:02:03.250Z";
const epochs = [
  { epoch: 1, train_loss: 0.5, val_loss: 0.25, lr: 2e-4, seconds: 1.5 },
  { epoch: 2, train_loss: 0.4, val_loss: 0, lr: 1e-4, seconds: 2.25 },
];
let folder: string;

beforeAll(async () => {
  ({ folder } = await workplace());
  const run = await handmadeRun("logged");
  await writeMetrics(run, epochs);
  await writeJson(run.file("manifest.json"), {
    ...{ version: "0.1.0", node: "20", engine: { name: "native", version: "2.21.0" }, git: "abc", weights: "w" },
    data: { fingerprint: "f1", source: "sample", invalid: [] },
    startedAt: STARTED,
  });
  const model = { mse: 0.2, mae: 0.4, r2: null, within25: 0.1, within50: 0.3, medianSplit: { accuracy: 0.6 } };
  await writeJson(run.file("evaluation.json"), { model });
});

async function ask<T>(url: string, method: string): Promise<T> {
  const answer = await fetch(`${url}/api/2.0/mlflow/${method}`);
  expect(answer.status).toBe(200);
  return (await answer.json()) as T;
}

const real = process.env.MOVIE_REVENUE_MLFLOW ?? "";
describe.each([
  ["a server that speaks its contract", () => startFakeMlflow(), false],
  [
    "mlflow server itself (MOVIE_REVENUE_MLFLOW: the program of mlflow 3.14)",
    () => startRealMlflow(real, folder),
    true,
  ],
])("logRun to %s", (_, start, needsReal) => {
  describe.skipIf(needsReal && real === "")("", () => {
    let url: string;
    let made: { experiment: string; run: string };
    beforeAll(async () => {
      ({ url } = await start());
      made = await logRun("logged", { url, experiment: "posters & films" });
    });
    const stored = async () => (await ask<{ run: StoredRun }>(url, `runs/get?run_id=${made.run}`)).run;

    it("leaves settings, tags and times", async () => {
      const { info, data } = await stored();
      const began = Date.parse(STARTED);
      expect(info).toMatchObject({ run_name: "logged", status: "FINISHED" });
      expect([Number(info.start_time), Number(info.end_time)]).toEqual([began, began + 3750]);
      const params = Object.fromEntries(data.params.map(({ key, value }) => [key, value]));
      expect(params).toMatchObject({
        "data.source": "sample",
        "training.learningRate": "0.0002",
        "model.hidden": "[1]",
      });
      const settings = await readJson(runNamed("logged").file("config.json"));
      expect(params["evaluation.bootstrap"]).toBe(
        String((settings as { evaluation: { bootstrap: number } }).evaluation.bootstrap),
      );
      expect(data.tags).toContainEqual({ key: "movie-revenue.data", value: "f1" });
      expect(data.tags).toContainEqual({ key: "mlflow.source.git.commit", value: "abc" });
    });

    it("leaves every epoch and the test errors, once, also when the run is logged again", async () => {
      expect(await logRun("logged", { url: `${url}/`, experiment: "posters & films" })).toEqual(made);
      const historyOf = async (key: string) => {
        const method = `metrics/get-history?run_id=${made.run}&metric_key=${key}`;
        const { metrics = [] } = await ask<{ metrics?: StoredRun["data"]["metrics"] }>(url, method);
        return metrics.map(({ value, step, timestamp }) => [Number(step ?? 0), value, Number(timestamp)]);
      };
      const began = Date.parse(STARTED);
      expect(await historyOf("val_loss")).toEqual([
        [1, 0.25, began + 1500],
        [2, 0, began + 3750],
      ]);
      expect(await historyOf("lr")).toHaveLength(2);
      expect(await historyOf("test_mse")).toEqual([[2, 0.2, began + 3750]]);
      // what is null is not logged
      expect((await stored()).data.metrics.map(({ key }) => key)).not.toContain("test_r2");
    });

    it("leaves the run's files where the server takes them", async () => {
      const { artifact_uri } = (await stored()).info;
      expect(artifact_uri).toMatch(/^mlflow-artifacts:\//);
      if (!needsReal) return;
      const path = `${new URL(artifact_uri).pathname.slice(1)}/evaluation.json`;
      const answer = await fetch(`${url}/api/2.0/mlflow-artifacts/artifacts/${path}`);
      expect(await answer.json()).toMatchObject({ model: { mse: 0.2 } });
    });

    it("refuses a deleted experiment", async () => {
      const { experiment } = await logRun("logged", { url, experiment: "gone" });
      const init = { method: "POST", headers: { "Content-Type": "application/json" } };
      await fetch(`${url}/api/2.0/mlflow/experiments/delete`, {
        ...init,
        body: JSON.stringify({ experiment_id: experiment }),
      });
      await expect(logRun("logged", { url, experiment: "gone" })).rejects.toThrow(
        'The experiment "gone" is deleted on the MLflow server: restore it, or name another.',
      );
    });
  });
});

it("sends the files of the run, and a token to whom it is meant for", async () => {
  vi.stubEnv("MLFLOW_TRACKING_TOKEN", "secret");
  const { url, files } = await startFakeMlflow();
  const { experiment, run } = await logRun("logged", { url, experiment: "x" });
  const names = ["config.json", "manifest.json", "evaluation.json"];
  expect([...files.keys()]).toEqual(names.map((name) => `${experiment}/${run}/artifacts/${name}`));
  const heard: (string | undefined)[] = [];
  const deaf = await serve((request, respond) => {
    heard.push(request.headers.authorization);
    respond(403, "");
  });
  await expect(logRun("logged", { url: deaf, experiment: "x" })).rejects.toThrow("does not let you in (403)");
  expect(heard).toEqual(["Bearer secret"]);
});

describe("one sentence for", () => {
  const error = async (url: string) => {
    const thrown = await logRun("logged", { url, experiment: "x" }).catch((error: Error) => error);
    return (thrown as Error).message.replaceAll(url, "URL");
  };

  it("a server that is down", async () => {
    expect(await error(await closedUrl())).toBe(
      "The MLflow server at URL cannot be reached (ECONNREFUSED): start it, or correct the address.",
    );
  });

  it.each([
    [
      404,
      "<html>",
      "URL does not answer as an MLflow server does (404 for mlflow/experiments/get-by-name): correct the address.",
    ],
    [
      200,
      "<html>",
      "URL does not answer as an MLflow server does (200 for mlflow/experiments/get-by-name): correct the address.",
    ],
    [
      200,
      "{}",
      "URL does not answer as an MLflow server does (200 for mlflow/experiments/get-by-name): correct the address.",
    ],
    [
      400,
      '{"error_code": "INVALID_PARAMETER_VALUE", "message": "bad \\u001b[31mname.\\nsecond line"}',
      "The MLflow server refuses mlflow/experiments/get-by-name (400 INVALID_PARAMETER_VALUE): bad ?[31mname.",
    ],
    [
      401,
      "",
      "The MLflow server at URL does not let you in (401): set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.",
    ],
  ])("an answer %i %j", async (status, body, sentence) => {
    expect(await error(await serve((_, respond) => respond(status, body)))).toBe(sentence);
  });

  it.each(["localhost:5000", "file:///tmp", "nonsense"])("the address %s", async (url) => {
    expect(await error(url)).toBe('"URL" is no address of an MLflow server: write it as http://127.0.0.1:5000.');
  });
});

describe("the command", () => {
  it("writes CSV, and says where the run is on the server", async () => {
    const { url } = await startFakeMlflow();
    const csv = join(folder, "epochs.csv");
    const { code, stdout } = await commandLine(["log", "--run", "logged", "--csv", csv, "--mlflow", url]);
    expect([code, stdout]).toEqual([0, `${csv}\n${url}/#/experiments/1/runs/run1\n`]);
    expect(await readFile(csv, "utf8")).toBe(formatEpochs(epochs));
    expect(formatEpochs(epochs)).toBe(
      "epoch,train_loss,val_loss,lr,seconds\r\n1,0.5,0.25,0.0002,1.5\r\n2,0.4,0,0.0001,2.25\r\n",
    );
  });

  it("asks where to", async () => {
    const { code, stderr } = await commandLine(["log", "--run", "logged"]);
    expect(code).toBe(2);
    expect(stderr).toContain("--mlflow or --csv must say where the run is logged.");
  });
});
