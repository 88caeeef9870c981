import { setTimeout as wait } from "node:timers/promises";
import { reasonOf, throwIfInterrupted, UserError } from "../errors";
import { checkedHub, fetchListed } from "./hub-hosts";

/** What the hub keeps under a name. */
export type RepoKind = "dataset" | "model";

/** What each kind is called in a sentence. */
export const KIND_WORDS: Readonly<Record<RepoKind, string>> = { dataset: "data set", model: "model" };

/** How a data set or model is asked for; what is not given comes from the environment, as in the hub's own tools. */
export interface HubClientOptions {
  /** Where the hub is; `HF_ENDPOINT`, or the hub's public address, where it is not given. */
  hubUrl?: string;
  signal?: AbortSignal;
  /** Waits so many milliseconds before the next attempt. */
  delay?: (ms: number) => Promise<unknown>;
}

/** Requests to one hub, repeated where that can help; a request that fails for good throws a `HubError`. */
export interface HubClient {
  /** The hub's address, without a slash at its end. */
  url: string;
  kind: RepoKind;
  /** The data set or model, as `owner/name`. */
  name: string;
  /** The user's token, from `HF_TOKEN`. */
  token?: string;
  fetch: typeof fetch;
  /** Waits before attempt `attempt` + 1, from 0. */
  pause(attempt: number): Promise<void>;
}

/** The hub's answer as one sentence; `status` is 0 where there was none. */
export class HubError extends UserError {
  override name = "HubError";
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }

  /** True where a later attempt, or a copy in the cache, can help. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** Attempts at one request, and at one stretch of a download that brings no byte. */
export const ATTEMPTS = 5;

/** What an interrupted or failed download leaves behind, in words. */
export const KEPT = "What is downloaded is kept, and the next run goes on from there.";

/** A client for one data set or model of the hub. */
export async function hubClient(
  name: string,
  { kind = "dataset", hubUrl, signal, delay }: HubClientOptions & { kind?: RepoKind },
): Promise<HubClient> {
  const { HUB_URL } = await import("@huggingface/hub");
  const url = checkedHub(hubUrl ?? (process.env.HF_ENDPOINT || HUB_URL));
  const token = tokenFromEnvironment();
  const sleep = delay ?? ((ms: number) => wait(ms, undefined, { signal }).catch(() => {}));
  const pause = async (attempt: number, atLeast = 0) => {
    await sleep(Math.max(1000 * 2 ** attempt, atLeast));
    throwIfInterrupted(signal, KEPT);
  };
  const request = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const address = new URL(input instanceof Request ? input.url : input);
    const headers = (to: URL) => headersFor(to, url, token, init.headers);
    for (let attempt = 0; ; attempt++) {
      throwIfInterrupted(signal, KEPT);
      const answer = await fetchListed(new URL(url), address, { ...init, headersFor: headers, signal }).catch(
        networkOnly,
      );
      throwIfInterrupted(signal, KEPT);
      // 416 is for the caller: what it has kept of a file is longer than the file
      if (answer instanceof Response && (answer.ok || answer.status === 416)) return answer;
      const error = answer instanceof Response ? statusError(kind, name, answer) : networkError(url, answer);
      if (answer instanceof Response) await answer.body?.cancel();
      if (attempt + 1 === ATTEMPTS || !error.isPassing || isOffline(answer)) throw error;
      await pause(attempt, answer instanceof Response ? retryAfter(answer) : 0);
    }
  };
  return { url, kind, name, token, fetch: request, pause };
}

function tokenFromEnvironment(): string | undefined {
  const token = process.env.HF_TOKEN?.trim();
  if (!token) return undefined;
  // never show it, not even when it is wrong
  if (!/^hf_\w+$/.test(token))
    throw new UserError("HF_TOKEN does not hold a token of the hub (hf_…): correct or unset it.");
  return token;
}

/** Adds the token for the hub itself and for nobody else: a page of the listing may link anywhere. */
function headersFor(address: URL, hubUrl: string, token: string | undefined, given: RequestInit["headers"]): Headers {
  const headers = new Headers(given);
  headers.delete("Authorization");
  if (token && address.origin === new URL(hubUrl).origin) headers.set("Authorization", `Bearer ${token}`);
  return headers;
}

/** Milliseconds that the hub asks to wait, at most a minute. */
function retryAfter(response: Response): number {
  const seconds = Number(response.headers.get("Retry-After") ?? 0);
  return Number.isFinite(seconds) ? 1000 * Math.min(60, Math.max(0, seconds)) : 0;
}

function statusError(kind: RepoKind, name: string, response: Response): HubError {
  const { status } = response;
  return new HubError(sentenceFor(kind, name, status, response.headers.get("X-Error-Code")), status);
}

function sentenceFor(kind: RepoKind, name: string, status: number, code: string | null): string {
  if (status === 401)
    return `The hub does not let you read ${name} (401): check the name, or set HF_TOKEN to a token that may.`;
  if (status === 403)
    return `The hub forbids reading ${name} (403): accept its conditions on the hub, and set HF_TOKEN.`;
  if (status === 404 && code === "RevisionNotFound")
    return `The hub has no such revision of ${name} (404): check the revision.`;
  if (status === 404 && code === "EntryNotFound")
    return `The hub no longer has a file of ${name} that it lists (404): run again.`;
  if (status === 404) return `The hub has no ${KIND_WORDS[kind]} ${name} (404): check its owner and name.`;
  if (status === 429)
    return `The hub has had too many requests (429): wait a few minutes, then run again to go on from here.`;
  if (status >= 500)
    return `The hub failed ${ATTEMPTS} times for ${name} (${status}): run again later to go on from here.`;
  return `The hub answered ${status} for ${name}: run again later.`;
}

/** What the network says; a refusal of ours is thrown on. */
function networkOnly(thrown: Error): Error {
  if (thrown instanceof UserError) throw thrown;
  return thrown;
}

function networkError(url: string, thrown: Error): HubError {
  const why = codeOf(thrown) ?? reasonOf(thrown);
  return new HubError(`The hub at ${url} cannot be reached (${why}): check the connection and HF_ENDPOINT.`, 0);
}

/** No name server, or nobody at the address: trying again in a few seconds would not help. */
function isOffline(answer: Response | Error): boolean {
  const offline = ["ENOTFOUND", "ECONNREFUSED", "ENETUNREACH", "EHOSTUNREACH", "EAI_AGAIN"];
  return answer instanceof Error && offline.includes(codeOf(answer) ?? "");
}

function codeOf(thrown: Error): string | undefined {
  return (thrown.cause as NodeJS.ErrnoException | undefined)?.code;
}
