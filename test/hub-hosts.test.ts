import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { hubClient } from "movie-revenue/catalogue/hub-client";
import { checkedHub } from "movie-revenue/catalogue/hub-hosts";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startHub } from "./hub-server.ts";

beforeEach(() => void vi.stubEnv("HF_TOKEN", "hf_secret").stubEnv("HF_ENDPOINT", ""));
afterEach(() => void vi.unstubAllEnvs());

describe("the hub's address", () => {
  it.each([
    "https://huggingface.co",
    "https://mirror.example:8443",
    "http://localhost:9",
    "http://127.0.0.1",
    "http://[::1]:9",
  ])("may be %s", (url) => expect(checkedHub(`${url}/`)).toBe(url));

  it.each(["http://huggingface.co", "http://127.0.0.1.example", "http://localhost.example", "http://128.0.0.1"])(
    "may not be %s: anybody on the way could read and change what is downloaded",
    (url) => expect(() => checkedHub(url)).toThrow(`The hub's address "${url}" is not https: correct HF_ENDPOINT.`),
  );
});

describe("a redirect", () => {
  /** Asks a hub for a file whose request is redirected there. */
  async function redirected(location: string, times = 1): Promise<{ text: string; seen: (string | undefined)[] }> {
    const hub = await startHub({ "a.txt": Buffer.from("content") });
    for (let i = 0; i < times; i++) hub.faults.push({ at: "/resolve/", status: 302, headers: { Location: location } });
    const client = await hubClient("owner/films", { hubUrl: hub.url, delay: async () => {} });
    const url = `${hub.url}/datasets/owner/films/resolve/${Object.keys(hub.commits)[0]}/a.txt`;
    const text = await client.fetch(url).then(
      (answer) => answer.text(),
      ({ name, message }: Error) => `${name}: ${message.replace(hub.url, "HUB")}`,
    );
    return { text, seen: [...hub.hubRequests, ...hub.cdnRequests].map(({ authorization }) => authorization) };
  }

  it("to the hub's own host is followed, and only the hub itself gets the token", async () => {
    expect(await redirected("/datasets/owner/films/resolve/1111111111111111111111111111111111111111/a.txt")).toEqual({
      text: "content",
      seen: ["Bearer hf_secret", "Bearer hf_secret", undefined],
    });
  });

  it.each([
    ["https://evil.example/a.txt", "https://evil.example", "not listed"],
    ["https://hf.co.evil.example/a", "https://hf.co.evil.example", "not listed"],
    ["https://evilhf.co/a", "https://evilhf.co", "not listed"],
    ["//169.254.169.254/latest", "http://169.254.169.254", "not https"],
    ["http://cdn-lfs.hf.co/a", "http://cdn-lfs.hf.co", "not https"],
    ["file:///etc/passwd", "null", "not https"],
  ])("to %s is refused, and asked for once", async (location, origin, why) => {
    const { text, seen } = await redirected(location);
    expect(text).toContain(
      `UserError: The hub at HUB leads to "${origin}", which is ${why}: nothing is downloaded from there`,
    );
    expect(seen).toHaveLength(1);
  });

  it("that goes in a circle is refused", async () => {
    const { text, seen } = await redirected("/datasets/owner/films/resolve/x/a.txt", 99);
    expect(text).toBe("UserError: HUB redirects more than 5 times: check HF_ENDPOINT.");
    expect(seen).toHaveLength(6);
  });

  it.each([
    "https://cdn-lfs-us-1.hf.co/a",
    "https://cas-bridge.xethub.hf.co/a",
    "https://cdn-lfs.huggingface.co/a",
    "https://files.mirror.example/a",
  ])("to %s, which is listed, is followed without the token", async (location) => {
    vi.stubEnv("MOVIE_REVENUE_HUB_HOSTS", "other.example, mirror.example");
    const real = globalThis.fetch;
    const headers: Headers[] = [];
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      if (String(input) !== location) return real(input, init);
      headers.push(new Headers(init?.headers));
      return new Response("from the storage");
    });
    expect((await redirected(location)).text).toBe("from the storage");
    vi.restoreAllMocks();
    expect(headers.map((one) => one.has("Authorization"))).toEqual([false]);
  });
});

it("an answer of the hub's API that does not end is refused", async () => {
  const server = createServer((_, response) => {
    const more = () => {
      while (response.write(Buffer.alloc(2 ** 20))) {}
    };
    response.on("drain", more);
    more();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const hubUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = await hubClient("owner/films", { hubUrl });
  const answer = await client.fetch(`${hubUrl}/api/datasets/owner/films/revision/main`);
  await expect(answer.json()).rejects.toThrow("The hub's answer does not end: check HF_ENDPOINT.");
  server.closeAllConnections();
  server.close();
});
