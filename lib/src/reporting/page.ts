import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { escapeHtml, jsonForScript } from "./escape";
import type { Figure, Html, Png } from "./view";

/** A part of a report: a heading, plain words (a blank line begins a paragraph), and what there is to see. */
export interface Section {
  heading: string;
  prose?: string;
  views: readonly (Figure | Html | Png)[];
}

/** A report as plain data; its texts are escaped by `reportPage`. */
export interface Report {
  title: string;
  sections: readonly Section[];
  footer?: string;
}

const STYLE = `
:root { color-scheme: light dark; --ink: #24292f; --paper: #f6f7f9; --card: #ffffff; --soft: #6b7280; --line: #dfe2e7; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --paper: #15181d; --card: #1e2228; --soft: #9aa3af; --line: #333a44; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 Helvetica Neue, Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif; }
main, footer { max-width: 1080px; margin: 0 auto; padding: 0 20px; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 40px 0 8px; overflow-wrap: anywhere; }
h2 { font-size: 1.3rem; margin: 40px 0 8px; overflow-wrap: anywhere; }
p { max-width: 46em; overflow-wrap: anywhere; }
.view { background: var(--card); border: 1px solid var(--line); border-radius: 8px; margin: 16px 0; padding: 12px; overflow: hidden; }
.figure { background: #ffffff; padding: 0; }
.view img { display: block; max-width: 100%; height: auto; margin: 0 auto; background: #ffffff; }
footer { color: var(--soft); font-size: .85rem; padding: 24px 20px 48px; overflow-wrap: anywhere; }
@media print { body { background: #ffffff; } .view { break-inside: avoid; } }
`;

// MathJax would read prices as formulas; the page has no network to send anything to
const DRAW = `
for (const holder of document.querySelectorAll(".figure")) {
  const { data, layout } = JSON.parse(holder.querySelector("script").textContent);
  Plotly.newPlot(holder.querySelector("div"), data, layout, { responsive: true, displaylogo: false, typesetMath: false, showSendToCloud: false, plotlyServerURL: "" });
}
`;

/** One HTML file that holds all it needs: it opens from disk, without a network, which its own policy forbids anyhow. */
export async function reportPage({ title, sections, footer = "" }: Report): Promise<string> {
  const figures = sections.some(({ views }) => views.some((view) => "data" in view));
  const scripts = figures ? [await plotly(), DRAW] : [];
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(scripts)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${sections.map(sectionHtml).join("\n")}
</main>
<footer>${paragraphs(footer)}</footer>
${scripts.map((script) => `<script>${script}</script>`).join("\n")}
</body>
</html>
`;
}

function sectionHtml({ heading, prose = "", views }: Section): string {
  return `<section>\n<h2>${escapeHtml(heading)}</h2>\n${paragraphs(prose)}\n${views.map(viewHtml).join("\n")}\n</section>`;
}

function viewHtml(view: Figure | Html | Png): string {
  if ("html" in view) return `<div class="view">${view.html}</div>`;
  if ("png" in view)
    return `<div class="view"><img alt="" src="data:image/png;base64,${Buffer.from(view.png).toString("base64")}"></div>`;
  const height = Number((view.layout as { height?: unknown }).height) || 440;
  return `<div class="view figure"><script type="application/json">${jsonForScript(view)}</script><div style="min-height:${height}px"></div></div>`;
}

function paragraphs(prose: string): string {
  const parts = prose.split(/\n\s*\n/).filter((part) => part.trim() !== "");
  return parts.map((part) => `<p>${escapeHtml(part.trim())}</p>`).join("\n");
}

// only the two scripts written here may run, each known by its hash; plotly sets styles as it draws
function policy(scripts: readonly string[]): string {
  const hashes = scripts.map((script) => `'sha256-${createHash("sha256").update(script).digest("base64")}'`);
  const source = hashes.length > 0 ? hashes.join(" ") : "'none'";
  return `default-src 'none'; script-src ${source}; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'`;
}

async function plotly(): Promise<string> {
  const source = await readFile(require.resolve("plotly.js-dist-min/plotly.min.js"), "utf8");
  // a parser reads \\r\\n as \\n, which would change the hash, and ends the script at its closing tag wherever that stands
  return source.replace(/\r\n?/g, "\n").replace(/<\/(?=script)/gi, "<\\/");
}
