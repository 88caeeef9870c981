// A hub of generated films on this machine: node bench/hub-server.mjs FOLDER ROWS (made once), then its address on stdout.
// Every fault of a bad line comes now and then: see FAULTS.
import { createHash } from "node:crypto";
import { createReadStream, existsSync, readFileSync } from "node:fs";
import { mkdir, readdir, rename, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { crc32, deflateSync } from "node:zlib";
import { parquetWriteBuffer } from "hyparquet-writer";

const COMMIT = "1".repeat(40);
const ROWS_PER_SHARD = 10_000;
const ROWS_PER_GROUP = 500;
/** Of 1,000 rows so many earned more than $10M: a little more than in the set of 100,000 posters. */
const PASSING_OF_1000 = 80;
/** One answer in so many is refused, fails, is late, or breaks off. */
const FAULTS = { 101: "429", 157: "503", 97: "delay", 89: "cut" };

const [folder, rows = "10000", faulty = ""] = process.argv.slice(2);
await makeShards(folder, Number(rows));
const files = await listShards(folder);
let requests = 0;
const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));

async function makeShards(to, count) {
  await mkdir(to, { recursive: true });
  for (let start = 0; start < count; start += ROWS_PER_SHARD) {
    const path = join(to, `train-${String(start / ROWS_PER_SHARD).padStart(5, "0")}.parquet`);
    if (existsSync(path)) continue;
    await writeFile(`${path}.tmp`, shard(start, Math.min(count, start + ROWS_PER_SHARD)));
    await rename(`${path}.tmp`, path);
  }
}

/** Rows `start` to `end` in the columns of the real set. */
function shard(start, end) {
  const ids = Array.from({ length: end - start }, (_, i) => start + i + 1);
  const column = (name, type, make) => ({ name, type, data: ids.map(make) });
  const flat = [
    column("title", "STRING", (id) => `Film ${id.toString(36)} of ${id}`),
    column("overview", "STRING", (id) => overviewOf(id)),
    column("release_date", "STRING", (id) => `${1930 + (id % 93)}-0${1 + (id % 9)}-1${id % 10}`),
    column("original_language", "STRING", (id) => ["en", "en", "fr", "hi", "ja"][id % 5]),
    column("tagline", "STRING", (id) => (id % 3 ? "" : `A tagline of film ${id}`)),
    column("budget", "INT64", (id) => BigInt((id % 7) * 3_000_000)),
    column("revenue", "INT64", (id) => BigInt(id % 1000 < PASSING_OF_1000 ? 10_000_001 + id * 97 : id % 900_000)),
    column("runtime", "INT64", (id) => BigInt(80 + (id % 60))),
  ];
  const optional = { repetition_type: "OPTIONAL" };
  const schema = [
    { name: "schema", num_children: flat.length + 2 },
    { name: "id", type: "INT64", ...optional },
    { name: "image", num_children: 2, ...optional },
    { name: "bytes", type: "BYTE_ARRAY", ...optional },
    { name: "path", type: "BYTE_ARRAY", converted_type: "UTF8", ...optional },
    ...flat.map(({ name, type }) => {
      const text = { type: "BYTE_ARRAY", converted_type: "UTF8" };
      return { name, ...(type === "STRING" ? text : { type }), ...optional };
    }),
  ];
  const columnData = [
    { name: "id", data: ids.map(BigInt) },
    { name: "image", data: ids.map((id) => ({ bytes: poster(id), path: `${id}.png` })) },
    ...flat.map(({ name, data }) => ({ name, data })),
  ];
  return new Uint8Array(parquetWriteBuffer({ columnData, schema, rowGroupSize: ROWS_PER_GROUP }));
}

function overviewOf(id) {
  const words = ["a", "stranger", "returns", "to", "the", "city", "where", "nobody", "remembers", "her", "name", "and"];
  return Array.from({ length: 45 }, (_, i) => words[(id * (i + 3) + i * i) % words.length]).join(" ");
}

/** A PNG of 8 × 12 pixels of noise, made without a library: a million take a minute. */
function poster(id) {
  const [width, height] = [8, 12];
  const raw = Buffer.alloc(height * (1 + 3 * width));
  for (let y = 0, state = id; y < height; y++) {
    for (let x = 0; x < 3 * width; x++) {
      // Park and Miller's minimal standard generator (1988)
      state = (state * 48271) % 2147483647;
      raw[y * (1 + 3 * width) + 1 + x] = state >> 8;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(raw, { level: 1 })),
    chunk("IEND"),
  ]);
}

function chunk(type, data = Buffer.alloc(0)) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [size, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  size.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([size, body, check]);
}

async function listShards(from) {
  const names = (await readdir(from)).filter((name) => name.endsWith(".parquet")).sort();
  const listed = names.map(async (name) => {
    const path = join(from, name);
    const oid = createHash("sha256").update(readFileSync(path)).digest("hex");
    return { name: `data/${name}`, path, oid, size: (await stat(path)).size };
  });
  return Promise.all(listed);
}

/** The hub's paths: …/revision/main, …/tree/… in one page, …/resolve/COMMIT/data/…, and the parts of a file. */
async function answer(request, response) {
  const { pathname } = new URL(request.url, "http://hub");
  if (pathname.includes("/revision/"))
    return sendJson(response, {
      _id: "1",
      id: "owner/films",
      sha: COMMIT,
      private: false,
      gated: false,
      downloads: 0,
      likes: 0,
    });
  if (pathname.includes("/tree/")) {
    const entry = ({ name, oid, size }) => ({
      type: "file",
      oid: "f".repeat(40),
      size,
      path: name,
      lfs: { oid, size, pointerSize: 134 },
    });
    return sendJson(response, files.map(entry));
  }
  const file = files.find(({ name }) => pathname.endsWith(`/${name}`));
  if (!file) return response.writeHead(404).end();
  return sendPart(request, response, file);
}

async function sendPart(request, response, { path, oid, size }) {
  const fault = faulty && FAULTS[Object.keys(FAULTS).find((every) => requests % every === 50)];
  requests++;
  if (fault === "429") return response.writeHead(429, { "Retry-After": "1" }).end();
  if (fault === "503") return response.writeHead(503).end();
  if (fault === "delay") await sleep(500);
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
  const [start, end] = [Number(from ?? 0), to ? Number(to) : size - 1];
  const range = from === undefined ? {} : { "Content-Range": `bytes ${start}-${end}/${size}` };
  response.writeHead(from === undefined ? 200 : 206, {
    "Content-Length": end - start + 1,
    "Accept-Ranges": "bytes",
    ETag: `"${oid}"`,
    ...range,
  });
  if (request.method === "HEAD") return response.end();
  const part = createReadStream(path, { start, end });
  part.pipe(response);
  if (fault === "cut") part.once("data", () => setImmediate(() => response.destroy()));
}

function sendJson(response, value) {
  response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(value));
}
