import { UserError } from "../errors";
import { printable } from "./columns";

/**
 * Where the public hub keeps its files: its answers lead to cdn-lfs-us-1.hf.co, cas-bridge.xethub.hf.co and the like
 * (huggingface.co/docs/hub/models-downloading, "Downloading behind a proxy or firewall": *.hf.co, *.huggingface.co).
 */
const STORAGE = ["hf.co", "huggingface.co"];

/** Redirects of one request that are followed. */
const MAX_REDIRECTS = 5;

/** The longest answer of the hub's API that is read, in bytes: a page of a listing has a thousand files. */
const MAX_ANSWER = 64 * 2 ** 20;

/** The hub's address without a slash at its end; a `UserError` unless it is https, or this machine's own. */
export function checkedHub(url: string): string {
  const parts = URL.canParse(url) ? new URL(url) : undefined;
  if (parts?.username || parts?.password) {
    throw new UserError(
      "The hub's address must not hold a user or password: take it out of HF_ENDPOINT and use HF_TOKEN.",
    );
  }
  if (!parts || !/^https?:$/.test(parts.protocol)) {
    throw new UserError(`The hub's address ${printable(url)} is not a web address: correct HF_ENDPOINT.`);
  }
  if (parts.protocol === "http:" && !isOwnMachine(parts)) {
    throw new UserError(`The hub's address ${printable(url)} is not https: correct HF_ENDPOINT.`);
  }
  return url.replace(/\/+$/, "");
}

/**
 * Fetches from the hub and follows its redirects to hosts that are listed: the hub's own, those of the public hub's
 * storage, and those that `MOVIE_REVENUE_HUB_HOSTS` names, separated by commas. Others are a `UserError`.
 */
export async function fetchListed(
  hub: URL,
  address: URL,
  { headersFor, ...init }: RequestInit & { headersFor: (address: URL) => Headers },
): Promise<Response> {
  let to = address;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    refuseUnlisted(hub, to);
    const answer = await fetch(to, { ...init, headers: headersFor(to), redirect: "manual" });
    const location = answer.status >= 300 && answer.status < 400 ? answer.headers.get("Location") : null;
    if (location === null) return isApi(hub, to) ? bounded(answer) : answer;
    await answer.body?.cancel();
    if (!URL.canParse(location, to.href)) throw new UserError(`${hub.origin} redirects to ${printable(location)}.`);
    to = new URL(location, to.href);
  }
  throw new UserError(`${hub.origin} redirects more than ${MAX_REDIRECTS} times: check HF_ENDPOINT.`);
}

function refuseUnlisted(hub: URL, to: URL): void {
  const named = (process.env.MOVIE_REVENUE_HUB_HOSTS ?? "").split(",").map((host) => host.trim());
  const isBelow = (host: string) => host !== "" && (to.hostname === host || to.hostname.endsWith(`.${host}`));
  const isSecure = to.protocol === "https:" || (to.protocol === "http:" && isOwnMachine(to) && isOwnMachine(hub));
  if (isSecure && [hub.hostname, ...STORAGE, ...named].some(isBelow)) return;
  throw new UserError(
    `The hub at ${hub.origin} leads to ${printable(to.origin)}, which is ${isSecure ? "not listed" : "not https"}: ` +
      `nothing is downloaded from there${isSecure ? ", unless MOVIE_REVENUE_HUB_HOSTS names it" : ""}.`,
  );
}

function isOwnMachine({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}

function isApi(hub: URL, { origin, pathname }: URL): boolean {
  return origin === hub.origin && pathname.includes("/api/");
}

/** The answer, whose reading fails once it is longer than any list of files. */
function bounded(answer: Response): Response {
  let bytes = 0;
  const count = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.length;
      if (bytes > MAX_ANSWER) controller.error(new UserError("The hub's answer does not end: check HF_ENDPOINT."));
      else controller.enqueue(chunk);
    },
  });
  const { status, statusText, headers } = answer;
  return answer.body ? new Response(answer.body.pipeThrough(count), { status, statusText, headers }) : answer;
}
