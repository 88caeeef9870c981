import { z } from "zod";
import { reasonOf, throwIfInterrupted, UserError } from "../errors";
import type { Scalars } from "./tensorboard";

/** A run as MLflow keeps it; times in seconds since 1970. */
export interface MlflowRun {
  name: string;
  /** Tells the run from others of its name: what is logged twice is logged once. */
  identity: string;
  startedAt: number;
  params: Readonly<Record<string, string>>;
  tags: Readonly<Record<string, string>>;
  scalars: readonly Scalars[];
  /** Files by name. */
  artifacts: Readonly<Record<string, Uint8Array>>;
}

export interface MlflowOptions {
  /** Where the tracking server is. */
  url: string;
  experiment: string;
  signal?: AbortSignal;
}

/** The tag that holds a run's identity. */
const IDENTITY = "movie-revenue.identity";
/** Items of one log-batch, as the server allows of parameters; it takes ten times as many metrics. */
const BATCH = 100;
/** Milliseconds that a server may think. */
const PATIENCE = 30_000;

const experimentSchema = z.object({ experiment: z.object({ experiment_id: z.string(), lifecycle_stage: z.string() }) });
const createdSchema = z.object({ experiment_id: z.string() });
const infoSchema = z.object({ info: z.object({ run_id: z.string(), artifact_uri: z.string().default("") }) });
const runSchema = z.object({ run: infoSchema });
const runsSchema = z.object({ runs: z.array(infoSchema).default([]) });
const errorSchema = z.object({ error_code: z.string(), message: z.string().default("") });

/**
 * Logs a run to an MLflow tracking server by its REST API 2.0 (mlflow.org/docs/latest/rest-api.html), into an experiment
 * that is made where it is missing; a run that is there already is brought up to date. Returns its id and its experiment's.
 * A server that is down, refuses, or is none is a `UserError`.
 */
export async function logToMlflow(
  run: MlflowRun,
  options: MlflowOptions,
): Promise<{ experiment: string; run: string }> {
  const call = caller(options);
  const experiment = await experimentNamed(options.experiment, call);
  const { run_id, artifact_uri } = (await knownRun(run, experiment, call)) ?? (await newRun(run, experiment, call));
  const metrics = run.scalars.flatMap(({ step, time, values }) =>
    Object.entries(values).map(([key, value]) => ({ key, value, step, timestamp: Math.round(1000 * time) })),
  );
  const params = Object.entries(run.params).map(([key, value]) => ({ key, value }));
  for (const part of batches(params)) await call("runs/log-batch", { run_id, params: part });
  for (const part of batches(metrics)) await call("runs/log-batch", { run_id, metrics: part });
  await upload(run.artifacts, artifact_uri, options);
  const ended = run.scalars.at(-1)?.time ?? run.startedAt;
  await call("runs/update", { run_id, status: "FINISHED", end_time: Math.round(1000 * ended) });
  return { experiment, run: run_id };
}

/** Asks for a method of the tracking API, and checks what comes back. */
type Call = <T = unknown>(method: string, body: object, schema?: z.ZodType<T>) => Promise<T>;

async function experimentNamed(name: string, call: Call): Promise<string> {
  const found = await call("experiments/get-by-name", { experiment_name: name }, experimentSchema).catch((thrown) => {
    if (thrown instanceof MlflowError && thrown.code === "RESOURCE_DOES_NOT_EXIST") return null;
    throw thrown;
  });
  if (found === null) return (await call("experiments/create", { name }, createdSchema)).experiment_id;
  const { experiment } = found;
  if (experiment.lifecycle_stage === "active") return experiment.experiment_id;
  throw new UserError(`The experiment "${name}" is deleted on the MLflow server: restore it, or name another.`);
}

async function knownRun({ identity }: MlflowRun, experiment: string, call: Call) {
  const filter = `tags.\`${IDENTITY}\` = '${identity}'`;
  const body = { experiment_ids: [experiment], filter, max_results: 1 };
  const { runs } = await call("runs/search", body, runsSchema);
  return runs[0]?.info;
}

async function newRun({ name, identity, startedAt, tags }: MlflowRun, experiment: string, call: Call) {
  const own = Object.entries({ ...tags, [IDENTITY]: identity }).map(([key, value]) => ({ key, value }));
  const body = { experiment_id: experiment, run_name: name, start_time: Math.round(1000 * startedAt), tags: own };
  return (await call("runs/create", body, runSchema)).run.info;
}

function batches<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / BATCH) }, (_, i) => items.slice(i * BATCH, (i + 1) * BATCH));
}

/** Sends files where the server itself takes them in; a store of its own (a folder, a bucket) is out of reach by REST. */
async function upload(files: MlflowRun["artifacts"], uri: string, options: MlflowOptions): Promise<void> {
  if (!uri.startsWith("mlflow-artifacts:/")) return;
  const folder = new URL(uri).pathname.replace(/^\/+/, "");
  for (const [name, body] of Object.entries(files)) {
    await request(
      `mlflow-artifacts/artifacts/${folder}/${name}`,
      { method: "PUT", body: new Uint8Array(body) },
      options,
    );
  }
}

function caller(options: MlflowOptions): Call {
  return async <T>(method: string, body: object, schema?: z.ZodType<T>) => {
    const reads = method === "experiments/get-by-name";
    const query = reads ? `?${new URLSearchParams(body as Record<string, string>)}` : "";
    const post = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    const content = await request(`mlflow/${method}${query}`, reads ? {} : post, options);
    if (!schema) return content as T;
    const parsed = schema.safeParse(content);
    if (parsed.success) return parsed.data;
    throw new UserError(noServer(options.url, `mlflow/${method}`, 200));
  };
}

/** What a server said against a request, and the code that it gave. */
class MlflowError extends UserError {
  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
  }
}

async function request(path: string, init: RequestInit, { url, signal }: MlflowOptions): Promise<unknown> {
  throwIfInterrupted(signal, "Log the run again to complete it.");
  const address = `${checkedUrl(url)}/api/2.0/${path}`;
  const patience = AbortSignal.timeout(PATIENCE);
  const either = signal ? AbortSignal.any([signal, patience]) : patience;
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(address, { ...init, headers: { ...init.headers, ...credentials() }, signal: either });
    text = await answer.text();
  } catch (thrown) {
    throwIfInterrupted(signal, "Log the run again to complete it.");
    const code = ((thrown as Error).cause as NodeJS.ErrnoException | undefined)?.code;
    const why = patience.aborted ? "no answer in half a minute" : (code ?? reasonOf(thrown));
    throw new UserError(`The MLflow server at ${url} cannot be reached (${why}): start it, or correct the address.`);
  }
  return contentOf(answer, text, { url, what: path.split("?")[0]! });
}

/** The answer's JSON; MLflow tells its errors as JSON too, and whatever else comes is from another kind of server. */
function contentOf({ ok, status }: Response, text: string, { url, what }: { url: string; what: string }): unknown {
  const content = parsed(text);
  if (ok && content !== undefined) return content;
  if (status === 401 || status === 403) {
    const how = "set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD";
    throw new UserError(`The MLflow server at ${url} does not let you in (${status}): ${how}.`);
  }
  const error = errorSchema.safeParse(content);
  if (error.success) {
    const { error_code, message } = error.data;
    const said = reasonOf(message).replace(/\.$/, "");
    throw new MlflowError(`The MLflow server refuses ${what} (${status} ${error_code}): ${said}.`, error_code);
  }
  throw new UserError(noServer(url, what, status));
}

function noServer(url: string, what: string, status: number): string {
  return `${url} does not answer as an MLflow server does (${status} for ${what}): correct the address.`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function checkedUrl(url: string): string {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url.replace(/\/+$/, "");
  throw new UserError(`"${url}" is no address of an MLflow server: write it as http://127.0.0.1:5000.`);
}

/** As MLflow's own clients take them from the environment. */
function credentials(): Record<string, string> {
  const {
    MLFLOW_TRACKING_TOKEN: token,
    MLFLOW_TRACKING_USERNAME: user,
    MLFLOW_TRACKING_PASSWORD: password,
  } = process.env;
  if (token) return { Authorization: `Bearer ${token}` };
  if (!user) return {};
  return { Authorization: `Basic ${Buffer.from(`${user}:${password ?? ""}`).toString("base64")}` };
}
