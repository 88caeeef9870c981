import { spawn } from "node:child_process";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, vi } from "vitest";
import { closedUrl } from "./hub-server.ts";

/** What a server holds of a run, as `runs/get` tells it. */
export interface StoredRun {
  info: {
    run_id: string;
    run_name: string;
    status: string;
    start_time: number;
    end_time: number;
    artifact_uri: string;
  };
  data: {
    metrics: { key: string; value: number; step: number; timestamp: number }[];
    params: { key: string; value: string }[];
    tags: { key: string; value: string }[];
  };
}

/** What the methods are asked with. */
interface Asked {
  experiment_name: string;
  name: string;
  experiment_id: string;
  experiment_ids: string[];
  filter: string;
  run_id: string;
  run_name: string;
  start_time: number;
  end_time: number;
  status: string;
  metric_key: string;
  tags: StoredRun["data"]["tags"];
  metrics?: StoredRun["data"]["metrics"];
  params?: StoredRun["data"]["params"];
}

const endings: (() => unknown)[] = [];
afterAll(() => Promise.all(endings.map((end) => end())));

/** The part of MLflow's REST API 2.0 that is used here, in memory; it answers and refuses as the real one of 3.14 does. */
export async function startFakeMlflow(): Promise<{ url: string; files: Map<string, string>; asked: string[] }> {
  const experiments = new Map<string, { experiment_id: string; name: string; lifecycle_stage: string }>();
  const runs = new Map<string, StoredRun & { experiment: string; history: StoredRun["data"]["metrics"] }>();
  const files = new Map<string, string>();
  const asked: string[] = [];
  const refuse = (status: number, error_code: string, message: string) => ({ status, body: { error_code, message } });
  const methods: Record<string, (body: Asked) => { status?: number; body: object }> = {
    "experiments/get-by-name": ({ experiment_name: name }) => {
      const experiment = experiments.get(name);
      if (experiment) return { body: { experiment } };
      return refuse(404, "RESOURCE_DOES_NOT_EXIST", `Could not find experiment with name '${name}'`);
    },
    "experiments/create": ({ name }) => {
      const experiment_id = String(experiments.size + 1);
      experiments.set(name, { experiment_id, name, lifecycle_stage: "active" });
      return { body: { experiment_id } };
    },
    "experiments/delete": ({ experiment_id }) => {
      for (const experiment of experiments.values()) {
        if (experiment.experiment_id === experiment_id) experiment.lifecycle_stage = "deleted";
      }
      return { body: {} };
    },
    "runs/search": ({ experiment_ids, filter }) => {
      const [, key, value] = /^tags\.`(.+)` = '(.+)'$/.exec(filter)!;
      const found = [...runs.values()].filter(
        ({ experiment, data }) =>
          experiment_ids.includes(experiment) && data.tags.some((tag) => tag.key === key && tag.value === value),
      );
      return { body: found.length > 0 ? { runs: found } : {} };
    },
    "runs/create": ({ experiment_id, run_name, start_time, tags }) => {
      const run_id = `run${runs.size + 1}`;
      const artifact_uri = `mlflow-artifacts:/${experiment_id}/${run_id}/artifacts`;
      const info = { run_id, run_name, start_time, status: "RUNNING", end_time: 0, artifact_uri };
      const run = { info, data: { metrics: [], params: [], tags }, experiment: experiment_id, history: [] };
      runs.set(run_id, run);
      return { body: { run } };
    },
    "runs/log-batch": ({ run_id, metrics = [], params = [] }) => {
      if (params.length > 100 || metrics.length > 1000) return refuse(400, "INVALID_PARAMETER_VALUE", "too many");
      const { data, history } = runs.get(run_id)!;
      const isNew =
        <T>(list: T[]) =>
        (item: T) =>
          !list.some((known) => JSON.stringify(known) === JSON.stringify(item));
      history.push(...metrics.filter(isNew(history)));
      data.params.push(...params.filter(isNew(data.params)));
      data.metrics = [...new Map(history.map((metric) => [metric.key, metric])).values()];
      return { body: {} };
    },
    "runs/update": ({ run_id, status, end_time }) => {
      Object.assign(runs.get(run_id)!.info, { status, end_time });
      return { body: {} };
    },
    "runs/get": ({ run_id }) => ({ body: { run: runs.get(run_id) } }),
    "metrics/get-history": ({ run_id, metric_key }) => ({
      body: { metrics: runs.get(run_id)!.history.filter(({ key }) => key === metric_key) },
    }),
  };
  const url = await serve(async (request, respond) => {
    const { pathname, searchParams } = new URL(request.url!, "http://x");
    const body = await bodyOf(request);
    const method = pathname.replace(/^\/api\/2\.0\/mlflow\//, "");
    asked.push(method);
    if (request.method === "PUT") {
      files.set(pathname.replace(/^\/api\/2\.0\/mlflow-artifacts\/artifacts\//, ""), body);
      return respond(200, "{}");
    }
    const made = methods[method]?.(body ? JSON.parse(body) : Object.fromEntries(searchParams));
    if (!made) return respond(404, "<h1>Not Found</h1>");
    respond(made.status ?? 200, JSON.stringify(made.body));
  });
  return { url, files, asked };
}

/** A server on the loopback that ends with the tests; its address. */
export async function serve(
  answer: (request: IncomingMessage, respond: (status: number, body: string) => void) => unknown,
): Promise<string> {
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    void answer(request, (status, body) => response.writeHead(status).end(body));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  endings.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Starts the `mlflow server` of that program on a database and a folder of its own, and waits until it answers. */
export async function startRealMlflow(program: string, folder: string): Promise<{ url: string }> {
  const url = await closedUrl();
  const store = ["--backend-store-uri", `sqlite:///${join(folder, "mlflow.db")}`];
  const files = ["--artifacts-destination", join(folder, "artifacts"), "--serve-artifacts"];
  const where = ["--host", "127.0.0.1", "--port", new URL(url).port, "--workers", "1"];
  const server = spawn(program, ["server", ...store, ...files, ...where], { stdio: "ignore", detached: true });
  endings.push(() => server.pid !== undefined && process.kill(-server.pid));
  const answers = () =>
    fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  await vi.waitUntil(answers, { interval: 200, timeout: 240_000 });
  return { url };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
