import { stat } from "node:fs/promises";
import { UserError } from "../errors";
import type { ProgressListener } from "../progress";
import { printable } from "./columns";
import { folderSource, readFolder } from "./folder";
import { hubSource } from "./hub";
import { parquetSource } from "./parquet";
import type { Source } from "./source";

/** `cache` is the folder of caches, where a source that is made or downloaded goes. */
export interface OpenOptions {
  cache: string;
  /** Whether files of the hub are kept whole. */
  keepShards?: boolean;
  signal?: AbortSignal;
  onProgress?: ProgressListener;
}

const TAKES =
  "--data takes sample, hub:owner/name, a .parquet file or a folder of them, or a folder of images with facts";

/** Opens what `--data` names; anything that it does not take is a `UserError` that says what it takes. */
export async function openSource(spec: string, options: OpenOptions): Promise<Source> {
  if (spec === "sample") return (await import("./sample.js")).sampleSource({ cache: options.cache });
  if (spec.startsWith("hub:")) return hubSource(spec.slice("hub:".length), options);
  const found = await stat(spec).catch(() => null);
  if (found?.isDirectory()) return openFolder(spec);
  if (found?.isFile() && /\.parquet$/i.test(spec)) return parquetSource(spec);
  const what = found ? "is neither a folder nor a .parquet file" : "does not exist";
  throw new UserError(`${printable(spec)} ${what}: ${TAKES}.`);
}

async function openFolder(folder: string): Promise<Source> {
  const { images, parquet } = await readFolder(folder);
  if (parquet.length > 0 && images.length > 0) {
    throw new UserError(
      `The folder ${folder} holds parquet files and images: give the parquet files alone, or a folder of each.`,
    );
  }
  if (parquet.length > 0) return parquetSource(folder);
  if (images.length > 0) return folderSource(folder);
  throw new UserError(`The folder ${folder} holds neither parquet files nor images: ${TAKES}.`);
}
