import { stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } from "hyparquet";

const require = createRequire(import.meta.url);
const { UserError } = require("movie-revenue");
const { parquetNames } = require("movie-revenue/catalogue/parquet");

/** Popularity by id, of a parquet file or a folder of them: years after release, how often the film's page was looked at. The library itself never reads it. */
export async function popularityOf(source) {
  const found = await stat(source).catch(() => null);
  if (!found) throw new UserError(`${source} holds no popularity: give parquet files that do.`);
  const paths = found.isDirectory() ? (await parquetNames(source)).map((name) => join(source, name)) : [source];
  const popularity = new Map();
  for (const path of paths) {
    const file = await asyncBufferFromFile(path);
    const metadata = await parquetMetadataAsync(file);
    const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
    if (!columns.includes("popularity")) throw new UserError(`${path} has no column "popularity": give one that has.`);
    const rows = await parquetReadObjects({ file, metadata, columns: ["id", "popularity"] });
    for (const { id, popularity: value } of rows) popularity.set(Number(id), value);
  }
  return popularity;
}
