import { spawnSync } from "node:child_process";
import { beforeAll, describe, expect, it } from "vitest";
import { root } from "./kernel/jupyter.ts";
import { answer, expectError, ofType, printed, type Session, type Step, session } from "./kernel/session.ts";

const steps = {
  shows: {
    cells: [
      `import { show } from "movie-revenue/notebook";
show({ data: [{ y: new Float32Array([1, 2.5]), x: ["a", "b"] }], layout: { title: { text: "Loss" } } });
show({ html: "<b>bold</b>" });
show({ png: new Uint8Array([1, 2, 3]) });
show({ columns: ["title"], values: [["<script>"]], shape: [1, 1] });`,
    ],
  },
  progress: {
    cells: [
      `import { progress } from "movie-revenue/notebook";
const tell = progress();
for (const done of [1, 2]) tell({ task: "decoding <b>", done, total: 2, unit: "posters", seconds: 1 });
tell({ task: "training", done: 1, unit: "steps", seconds: 2 });`,
    ],
  },
  live: {
    cells: [
      `import { live, show } from "movie-revenue/notebook";
const curves = live();
curves.replace({ html: "one" });
for (const y of [2, 3, 4]) curves.replace({ data: [{ y: [y] }], layout: { title: "Loss " + y } });
await new Promise((next) => setTimeout(next, 1));`,
      `show({ data: [{ type: "surface" }], layout: { title: "Hills" } });`,
    ],
  },
  signal: {
    cells: [
      `import { signal } from "movie-revenue/notebook";
import { throwIfInterrupted } from "movie-revenue/errors";
const mine = signal();
console.log("started");
while (true) { await new Promise((next) => setTimeout(next, 5)); throwIfInterrupted(mine, "The checkpoint is kept."); }`,
    ],
    interruptAt: "started",
  },
} satisfies Record<string, Step>;

describe("in a notebook", () => {
  let own: Session;
  beforeAll(async () => {
    own = await session("tslab", steps);
  });

  it("gives a listener the reason that the cell was interrupted with", () =>
    expectError(answer(own, "signal"), "Interrupted: Interrupted. The checkpoint is kept."));

  it("shows figures as objects, with typed arrays as arrays", () => {
    const [figure] = ofType(answer(own, "shows"), "display_data").map(({ content }) => content.data);
    const expected = { data: [{ y: [1, 2.5], x: ["a", "b"] }], layout: { title: { text: "Loss" } } };
    expect(figure).toEqual({ "application/vnd.plotly.v1+json": expected, "text/plain": "figure: Loss" });
  });

  it("adds a figure's picture for other readers, and leaves what Lab draws as it is", () => {
    const [shown, added] = answer(own, "shows").messages.filter(({ content }) =>
      JSON.stringify(content).includes("figure: Loss"),
    );
    const bundle = added!.content.data as Record<string, string>;
    expect([shown!.type, added!.type]).toEqual(["display_data", "update_display_data"]);
    expect(added!.content.transient).toEqual(shown!.content.transient);
    expect(bundle["application/vnd.plotly.v1+json"]).toEqual(
      (shown!.content.data as typeof bundle)["application/vnd.plotly.v1+json"],
    );
    expect(bundle["image/svg+xml"]).toMatch(/^<svg.*>Loss<.*<\/svg>$/s);
  });

  it("replaces a live view in place, and of figures that come fast draws the first and the last", () => {
    const displays = answer(own, "live").messages.filter(({ type }) => type.endsWith("display_data"));
    expect(displays.map(({ type }) => type)).toEqual(["display_data", "update_display_data", "update_display_data"]);
    expect(new Set(displays.map(({ content }) => JSON.stringify(content.transient))).size).toBe(1);
    const shown = displays.map(({ content }) => (content.data as Record<string, string>)["text/plain"]);
    expect(shown).toEqual(["html: one", "figure: Loss 2", "figure: Loss 4"]);
  });

  it("says which figure has no picture, and why", () => {
    expect(printed(answer(own, "live", 1))).toBe(
      '"figure: Hills" has no picture for readers other than JupyterLab: a trace of type surface is drawn by WebGL, which only a browser has.\n',
    );
  });

  it("shows HTML, pictures and escaped tables", () => {
    const data = ofType(answer(own, "shows"), "display_data").map(
      ({ content }) => content.data as Record<string, string>,
    );
    expect(data[1]).toEqual({ "text/html": "<b>bold</b>", "text/plain": "html: bold" });
    // the bytes 1, 2, 3 in base64: 000000 010000 001000 000011
    expect(data[2]).toEqual({ "image/png": "AQID", "text/plain": "picture: 3 bytes" });
    expect(data[3]?.["text/html"]).toContain("&#60;script&#62;");
    expect(data[3]?.["text/html"]).not.toContain("<script>");
  });

  it("rewrites one line for each task", () => {
    const displays = answer(own, "progress").messages.filter(({ type }) => type.endsWith("display_data"));
    expect(displays.map(({ type }) => type)).toEqual(["display_data", "update_display_data", "display_data"]);
    const [first, second, other] = displays.map(
      ({ content }) => (content.transient as { display_id: string }).display_id,
    );
    expect([second === first, other === first]).toEqual([true, false]);
    expect((displays[1]!.content.data as Record<string, string>)["text/html"]).toMatch(
      /^<div><progress value="2" max="2"><\/progress> decoding &#60;b&#62; 2\/2 100% · 2\.0 posters\/s · 0:01 · 0\.\d GB of memory<\/div>$/,
    );
  });
});

describe("in a script", () => {
  const run = (code: string) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ["-e", code], { cwd: root, encoding: "utf8" });
    return { status, stdout, stderr };
  };
  const notebook = 'const { show, progress, signal } = require("movie-revenue/notebook");';

  it("a view is a line on stdout", () => {
    const code = `${notebook}
show({ data: [], layout: { title: "Loss" } });
show({ data: [], layout: {} });
show({ html: "<table><td>Heat</table>" });
show({ png: new Uint8Array(1234) });
show({ columns: ["title", "revenue"], values: [["Heat", 1]], shape: [1, 2] });`;
    const lines = [
      "figure: Loss",
      "figure: untitled",
      "html: Heat",
      "picture: 1,234 bytes",
      "table: 1 rows of title, revenue",
    ];
    expect(run(code)).toEqual({ status: 0, stdout: `${lines.join("\n")}\n`, stderr: "" });
  });

  it("progress is a line on stderr when a task ends", () => {
    const code = `${notebook}
const tell = progress();
for (const done of [1, 2]) tell({ task: "decoding", done, total: 2, unit: "posters", seconds: 1 });`;
    expect(run(code)).toEqual({ status: 0, stdout: "", stderr: "decoding 2/2 100% · 2.0 posters/s · 0:01\n" });
  });

  it("Ctrl-C aborts the signal, and leaves the script to end by itself", () => {
    const code = `${notebook}
const stop = signal();
stop.addEventListener("abort", () => console.log("stopping", signal() === stop));
process.kill(process.pid, "SIGINT");
setTimeout(() => {}, 50);`;
    expect(run(code)).toEqual({ status: 0, stdout: "stopping true\n", stderr: "" });
  });
});
