import { escapeMarkdown, visibleText } from "../escape";
import { type Columns, gridOf } from "./columns";

const WIDE =
  /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}|[\u3000-\u303F\uFF01-\uFF60\uFFE0-\uFFE6]/u;

/** Rows as aligned text for a terminal: a line of titles, a rule, a line for each row; control characters are gone. */
export function textTable(rows: readonly object[], columns?: Columns): string {
  const { heads, cells } = gridOf(rows, columns);
  const lines = [heads.map(({ text }) => text), ...cells].map((line) => line.map(visibleText));
  const widths = heads.map((_, i) => lines.reduce((most, line) => Math.max(most, displayWidth(line[i]!)), 0));
  const padded = lines.map((line) => line.map((text, i) => pad(text, widths[i]!, heads[i]!.align)));
  const rule = widths.map((width) => "─".repeat(width));
  const [title, ...body] = padded as [string[], ...string[][]];
  return [title, rule, ...body].map((line) => line.join("  ").trimEnd()).join("\n");
}

/** Rows as a table of Markdown, in which no text can begin another cell or line. */
export function markdownTable(rows: readonly object[], columns?: Columns): string {
  const { heads, cells } = gridOf(rows, columns);
  const lines = [heads.map(({ text }) => text), heads.map(() => "---"), ...cells];
  return lines.map((line) => `| ${line.map(escapeMarkdown).join(" | ")} |`).join("\n");
}

/** Columns that a text takes in a terminal: two for each East Asian wide character or emoji, as most terminals draw them. */
export function displayWidth(text: string): number {
  return [...new Intl.Segmenter().segment(text)].reduce(
    (width, { segment }) => width + (WIDE.test(segment) ? 2 : 1),
    0,
  );
}

function pad(text: string, width: number, align: "left" | "right" | "center"): string {
  const room = width - displayWidth(text);
  const before = align === "right" ? room : align === "center" ? Math.floor(room / 2) : 0;
  return " ".repeat(before) + text + " ".repeat(room - before);
}
