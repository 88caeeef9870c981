import { spawnSync } from "node:child_process";
import { cp, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { jpeg, tempFolder } from "./fixtures.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** A fenced block of a guide: what is in it (`csv`, `js`, `diff`, `sh`, `text`), and the file that it is about. */
interface Block {
  kind: string;
  file: string;
  lines: string[];
}

function blocksOf(guide: string): Block[] {
  return [...guide.matchAll(/^```(\w+) ?(.*)\n([\s\S]*?)^```$/gm)].map(([, kind, file, text]) => {
    return { kind: kind!, file: file!, lines: text!.trimEnd().split("\n") };
  });
}

/** A copy of the project, in which a reader may change the library. */
async function copyOfProject(): Promise<string> {
  const folder = await tempFolder();
  for (const file of ["package.json", "tsconfig.json", "lib/package.json", "lib/tsconfig.json", "lib/bin", "lib/src"]) {
    await cp(join(root, file), join(folder, file), { recursive: true });
  }
  await mkdir(join(folder, "notebooks"));
  await mkdir(join(folder, "node_modules/.bin"), { recursive: true });
  for (const name of await readdir(join(root, "node_modules"))) {
    if (name.startsWith(".") || name === "movie-revenue") continue;
    await symlink(join(root, "node_modules", name), join(folder, "node_modules", name));
  }
  await symlink(join(folder, "lib"), join(folder, "node_modules/movie-revenue"));
  await symlink(join(folder, "lib/bin/movie-revenue.cjs"), join(folder, "node_modules/.bin/movie-revenue"));
  await symlink(join(root, "data"), join(folder, "data"));
  await cp(join(root, "lib/dist"), join(folder, "lib/dist"), { recursive: true });
  return folder;
}

let project: string;
beforeAll(async () => {
  project = await copyOfProject();
  await mkdir(join(project, "my-films"));
  for (const i of [1, 2, 3, 4, 5, 6]) {
    await writeFile(join(project, `my-films/${i}.jpg`), await jpeg({ width: 60, height: 90, seed: i }));
  }
});

function run(script: string): string {
  const env = {
    ...process.env,
    MOVIE_REVENUE_CACHE: join(project, "cache"),
    MOVIE_REVENUE_RUNS: join(project, "runs"),
  };
  const { status, stdout, stderr } = spawnSync("bash", ["-e", "-c", script], { cwd: project, env, encoding: "utf8" });
  if (status !== 0) throw new Error(`${script}\nended with ${status}: ${stdout}${stderr}`);
  return stdout;
}

/** Changes a file as a diff without line numbers says; what it takes away must be there once. */
async function change({ file, lines }: Block): Promise<void> {
  const side = (sign: string) =>
    lines
      .filter((line) => line[0] !== sign)
      .map((line) => line.slice(1))
      .join("\n");
  const [before, after] = [side("+"), side("-")];
  const text = await readFile(join(project, file), "utf8");
  expect(text.split(before), `${file} holds once:\n${before}\n`).toHaveLength(2);
  await writeFile(
    join(project, file),
    text.replace(before, () => after),
  );
}

/** Does what a guide says, block by block, and holds each command's output against what the guide shows. */
async function follow(guide: string): Promise<void> {
  let said = "";
  for (const block of blocksOf(await readFile(guide, "utf8"))) {
    const { kind, file, lines } = block;
    if (kind === "diff") await change(block);
    else if (kind === "sh") said = run(lines.join("\n"));
    else if (kind === "text")
      for (const line of lines) expect(said.split("\n"), line).toContainEqual(expect.stringContaining(line));
    else {
      await mkdir(dirname(join(project, file)), { recursive: true });
      await writeFile(join(project, file), `${lines.join("\n")}\n`);
    }
  }
}

// in this order: the later ones use the films of the first
const GUIDES = ["bring-your-data", "add-a-metric", "add-a-backbone"];

it("every guide is tested here", async () => {
  expect((await readdir(join(root, "docs/guides"))).sort()).toEqual(GUIDES.map((name) => `${name}.md`).sort());
});

describe("a reader who does what the guide says gets what it shows:", () => {
  it.each(GUIDES)("%s", async (name) => {
    await follow(join(root, "docs/guides", `${name}.md`));
  });
});
