import { UserError } from "../errors";
import { printable } from "./columns";
import { ATTEMPTS, type HubClient, HubError } from "./hub-client";
import { addressOf, chunksOf, type HubFile } from "./hub-download";
import type { ByteRange } from "./parquet-file";

/** A file of a commit that is read in parts. */
export interface Shard extends HubFile {
  commit: string;
  /** What the server calls this content, from its first answer on: every later one must say the same. */
  etag?: string;
}

/**
 * Bytes `start` to `end` of a shard; a connection that breaks off is taken up where it broke. A shard that is no longer
 * the same is a `UserError`.
 */
export async function readRange(
  client: HubClient,
  shard: Shard,
  { start, end }: ByteRange,
  onBytes: (bytes: number) => void = () => {},
): Promise<Uint8Array> {
  const bytes = new Uint8Array(end - start);
  let have = 0;
  for (let fruitless = 0; have < bytes.length; ) {
    const response = await answerFor(client, shard, { start: start + have, end });
    const before = have;
    for await (const chunk of chunksOf(response)) {
      const wanted = chunk.subarray(0, bytes.length - have);
      bytes.set(wanted, have);
      have += wanted.length;
      onBytes(wanted.length);
      if (have === bytes.length) break;
    }
    fruitless = have > before ? 0 : fruitless + 1;
    if (fruitless === ATTEMPTS) {
      const where = `${printable(shard.path)} of ${client.name}`;
      throw new HubError(`The connection broke off ${ATTEMPTS} times in ${where}: run again to go on from there.`, 0);
    }
    if (have < bytes.length) await client.pause(fruitless);
  }
  return bytes;
}

async function answerFor(client: HubClient, shard: Shard, { start, end }: ByteRange): Promise<Response> {
  const range = { Range: `bytes=${start}-${end - 1}` };
  const response = await client.fetch(addressOf(client, shard, shard.commit), { headers: range });
  try {
    checkAnswer(client, shard, response, start);
  } catch (thrown) {
    await response.body?.cancel();
    throw thrown;
  }
  return response;
}

function checkAnswer(client: HubClient, shard: Shard, { status, headers }: Response, start: number): void {
  const given = headers.get("Content-Range") ?? "";
  if (status === 200) {
    throw new UserError(
      `${client.name}: the server sends whole files only, not parts of them: set data.keepShards=true to download all.`,
    );
  }
  const etag = headers.get("ETag") ?? undefined;
  shard.etag ??= etag;
  const isSame = !etag || etag === shard.etag;
  if (status !== 206 || !given.startsWith(`bytes ${start}-`) || !given.endsWith(`/${shard.size}`) || !isSame) {
    throw changed(client.name, shard.path);
  }
}

/** What is said of a shard that is not what it was when its facts were read. */
export function changed(name: string, path: string): UserError {
  return new UserError(
    `${printable(path)} of ${name} has changed since it was begun: delete its folder in the cache (hub/) and run again.`,
  );
}
