import { readdir, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } from "hyparquet";

const { UserError } = createRequire(import.meta.url)("movie-revenue");

/** Popularity by id, of a parquet file or a folder of them: years after release, how often the film's page was looked at. The library itself never reads it. */
export async function popularityOf(path) {
  const found = await stat(path).catch(() => null);
  const names = found?.isDirectory() ? (await readdir(path)).map((name) => join(path, name)) : [path];
  const files = names.filter((name) => name.endsWith(".parquet"));
  if (!found || files.length === 0) throw new UserError(`${path} holds no popularity: give parquet files that do.`);
  const popularity = new Map();
  for (const path of files) {
    const file = await asyncBufferFromFile(path);
    const columns = parquetSchema(await parquetMetadataAsync(file)).children.map(({ element }) => element.name);
    if (!columns.includes("popularity")) throw new UserError(`${path} has no column "popularity": give one that has.`);
    const rows = await parquetReadObjects({ file, columns: ["id", "popularity"] });
    for (const { id, popularity: value } of rows) popularity.set(Number(id), value);
  }
  return popularity;
}
