import { join } from "node:path";
import { type ProgressListener, ProgressMeter } from "../progress";
import type { HubClient } from "./hub-client";
import { keepFacts, openShard } from "./hub-facts";
import type { Snapshot } from "./hub-snapshot";
import { parquetSourceOf } from "./parquet";
import type { ParquetFile } from "./parquet-file";
import type { RawPoster, Source } from "./source";

const MEGABYTE = 1e6;
/** The most image bytes that are asked for ahead of those being decoded, and the most row groups. */
const AHEAD_BYTES = 128 * MEGABYTE;
const AHEAD_GROUPS = 8;

/**
 * A snapshot of which only the facts are kept: images are read from the hub by row groups, several at a time, and only
 * those groups that hold a wanted row.
 */
export async function streamSnapshot(
  client: HubClient,
  { commit, files }: Snapshot,
  { folder, name, onProgress }: { folder: string; name: string; onProgress?: ProgressListener },
): Promise<Source> {
  const meter = new ProgressMeter(`reading the facts of ${client.name}`, "files", onProgress, files.length);
  const bytes = new Bytes();
  const shards: ParquetFile[] = [];
  for (const file of files) {
    const kept = await keepFacts(client, { ...file, commit }, { folder: join(folder, commit), onBytes: bytes.add });
    shards.push(await openShard(kept.shard, { client, footer: kept.bytes, onBytes: bytes.add }));
    meter.advance(1, bytes.toString());
  }
  const ahead = groupsAhead(shards);
  const source = parquetSourceOf(shards, { name, ahead });
  const posters = (rows: readonly number[]) => counted(source.posters(rows), { client, rows, bytes, onProgress });
  return { ...source, posters };
}

/** Bytes that have come over the line. */
class Bytes {
  private count = 0;
  readonly add = (bytes: number): void => {
    this.count += bytes;
  };
  toString(): string {
    return `${(this.count / MEGABYTE).toFixed(this.count < 10 * MEGABYTE ? 1 : 0)} MB`;
  }
}

function groupsAhead(shards: readonly ParquetFile[]): number {
  const sizes = shards.flatMap(({ groupRows, imageRanges }) =>
    groupRows.map((_, group) => imageRanges(group).reduce((sum, { start, end }) => sum + end - start, 0)),
  );
  const largest = sizes.reduce((most, size) => Math.max(most, size), 1);
  return Math.max(1, Math.min(AHEAD_GROUPS, Math.floor(AHEAD_BYTES / largest)));
}

async function* counted(
  posters: AsyncIterable<RawPoster>,
  {
    client,
    rows,
    bytes,
    onProgress,
  }: { client: HubClient; rows: readonly number[]; bytes: Bytes; onProgress?: ProgressListener },
): AsyncGenerator<RawPoster> {
  const meter = new ProgressMeter(`downloading ${client.name}`, "posters", onProgress, rows.length);
  for await (const poster of posters) {
    yield poster;
    meter.advance(1, bytes.toString());
  }
}
