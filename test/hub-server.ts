import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { afterAll } from "vitest";

const closers: (() => void)[] = [];
afterAll(() => closers.forEach((close) => void close()));

/** A request that a server got. */
export interface Seen {
  url: string;
  range?: string;
  authorization?: string;
}

/** What goes wrong with the next request whose URL holds `at`. */
export interface Fault {
  at: string;
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  /** Sends so many bytes of the body, then breaks the connection. */
  cutAfter?: number;
  /** What to wait for before the break: bytes that the client has not read yet are lost with the connection. */
  once?: () => Promise<unknown>;
  /** Breaks the connection without an answer. */
  reset?: boolean;
}

/** A data set or model on the fake hub: its commits by branch, and the files of each commit. */
export interface HubState {
  /** What it is in the paths of the API. */
  repository: string;
  branches: Record<string, string>;
  commits: Record<string, Record<string, Uint8Array>>;
  /** Who does not send this token gets 401. */
  token?: string;
  faults: Fault[];
  /** False for a server that always sends the whole file. */
  ranges: boolean;
  /** What the second server calls every content, where it is not its hash. */
  etag?: string;
  /** Replaces what the tree lists for a file, as a wrong hash. */
  listed: (path: string) => object;
  /** The address of the next page of the tree, where it is to be wrong. */
  nextPage?: string;
}

/** A running fake hub: the hub itself, and a second server for the contents of files, as the real one has. */
export interface FakeHub extends HubState {
  url: string;
  hubRequests: Seen[];
  cdnRequests: Seen[];
}

export const MAIN = "1".repeat(40);

/** Starts a server that speaks the hub's paths for a data set or model, with these files on its main branch. */
export async function startHub(files: Record<string, Uint8Array>, state: Partial<HubState> = {}): Promise<FakeHub> {
  const hub: FakeHub = {
    ...{ branches: { main: MAIN }, commits: { [MAIN]: files }, faults: [], ranges: true, listed: () => ({}) },
    ...{ repository: "datasets/owner/films", url: "", hubRequests: [], cdnRequests: [] },
    ...state,
  };
  const cdn = await listen((request, response) => {
    hub.cdnRequests.push(seen(request));
    if (!fault(hub, request, response)) sendContent(hub, request, response);
  });
  hub.url = await listen((request, response) => {
    hub.hubRequests.push(seen(request));
    if (!fault(hub, request, response)) answerHub(hub, cdn, request, response);
  });
  return hub;
}

/** The address of a port on which nobody listens any more. */
export async function closedUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return `http://127.0.0.1:${port}`;
}

export const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

async function listen(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function seen({ url = "", headers }: IncomingMessage): Seen {
  return { url, range: headers.range, authorization: headers.authorization };
}

function fault(hub: FakeHub, request: IncomingMessage, response: ServerResponse): boolean {
  const index = hub.faults.findIndex(({ at, cutAfter }) => cutAfter === undefined && request.url?.includes(at));
  const [found] = index < 0 ? [] : hub.faults.splice(index, 1);
  if (found?.reset) request.socket.destroy();
  else if (found) response.writeHead(found.status ?? 500, found.headers).end(found.body);
  return found !== undefined;
}

/**
 * The hub's paths: /api/datasets/…/revision/…, …/tree/… in pages, …/paths-info/…, and /datasets/…/resolve/…, where a
 * model's path has no /models.
 */
function answerHub(hub: FakeHub, cdn: string, request: IncomingMessage, response: ServerResponse): unknown {
  const refuse = (status: number, code: string) => response.writeHead(status, { "X-Error-Code": code }).end("{}");
  const { pathname } = new URL(request.url ?? "", hub.url);
  if (hub.token && request.headers.authorization !== `Bearer ${hub.token}`) return refuse(401, "RepoNotFound");
  const place = [`/api/${hub.repository}/`, `/${hub.repository.replace("models/", "")}/`].find((start) =>
    pathname.startsWith(start),
  );
  const [, kind, commitOrRevision = "", path = ""] =
    /^(revision|tree|paths-info|resolve)\/([^/]+)(?:\/(.+))?$/.exec(pathname.slice(place?.length)) ?? [];
  if (!kind) return refuse(404, "RepoNotFound");
  if (kind === "revision") {
    const sha = hub.branches[decodeURIComponent(commitOrRevision)];
    if (!sha) return refuse(404, "RevisionNotFound");
    return sendJson(response, {
      _id: "65",
      id: hub.repository.split("/").slice(1).join("/"),
      sha,
      private: false,
      gated: false,
      downloads: 1,
      likes: 0,
    });
  }
  const files = hub.commits[commitOrRevision];
  if (!files) return refuse(404, "RevisionNotFound");
  if (kind === "tree") return sendTree(hub, files, request, response);
  if (kind === "paths-info") return sendPaths(hub, files, request, response);
  const content = files[decodeURIComponent(path)];
  if (!content) return refuse(404, "EntryNotFound");
  const linked = { "X-Linked-Etag": `"${sha256(content)}"`, "X-Linked-Size": String(content.length) };
  response
    .writeHead(302, { Location: `${cdn}/lfs/${sha256(content)}`, "X-Repo-Commit": commitOrRevision, ...linked })
    .end();
}

function entriesOf(hub: FakeHub, files: Record<string, Uint8Array>): { path: string }[] {
  return Object.entries(files).map(([path, content]) => {
    const lfs = { oid: sha256(content), size: content.length, pointerSize: 134 };
    return { type: "file", oid: "f".repeat(40), size: content.length, path, lfs, ...hub.listed(path) };
  });
}

/** The entries of the paths that are asked for, without those that there are not. */
async function sendPaths(
  hub: FakeHub,
  files: Record<string, Uint8Array>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { paths } = (await json(request)) as { paths: string[] };
  sendJson(
    response,
    entriesOf(hub, files).filter(({ path }) => paths.includes(path)),
  );
}

/** Two entries a page, the next page in a Link header. */
function sendTree(
  hub: FakeHub,
  files: Record<string, Uint8Array>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { pathname, searchParams } = new URL(request.url ?? "", hub.url);
  const from = Number(searchParams.get("cursor") ?? 0);
  const all = [{ type: "directory", oid: "d".repeat(40), size: 0, path: "data" }, ...entriesOf(hub, files)];
  const next = hub.nextPage ?? `${hub.url}${pathname}?recursive=true&expand=false&cursor=${from + 2}`;
  const link = from + 2 < all.length ? { Link: `<${next}>; rel="next"` } : undefined;
  sendJson(response, all.slice(from, from + 2), link);
}

/** A content by its hash, whole, from a byte on or from byte to byte; a fault may break it off. */
function sendContent(hub: FakeHub, request: IncomingMessage, response: ServerResponse): void {
  const all = Object.values(hub.commits).flatMap((files) => Object.values(files));
  const content = all.find((bytes) => request.url === `/lfs/${sha256(bytes)}`);
  if (!content) return void response.writeHead(404).end();
  const [, from, to] = (hub.ranges && /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "")) || [];
  const start = Number(from ?? 0);
  if (start >= content.length) return void response.writeHead(416).end();
  const end = Math.min(to ? Number(to) + 1 : content.length, content.length);
  const range = { "Content-Range": `bytes ${start}-${end - 1}/${content.length}` };
  const length = { "Content-Length": String(end - start), ETag: hub.etag ?? `"${sha256(content)}"` };
  const isPart = end - start < content.length;
  response.writeHead(isPart ? 206 : 200, isPart ? { ...length, ...range } : length);
  const index = hub.faults.findIndex(({ cutAfter }) => cutAfter !== undefined);
  const [cut] = index < 0 ? [] : hub.faults.splice(index, 1);
  if (!cut) return void response.end(content.subarray(start, end));
  response.write(content.subarray(start, Math.min(end, start + (cut.cutAfter ?? 0))));
  void (cut.once?.() ?? Promise.resolve()).then(() => response.destroy());
}

function sendJson(response: ServerResponse, value: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(200, { "Content-Type": "application/json; charset=utf-8", ...headers }).end(JSON.stringify(value));
}
