// control characters, overrides of the reading direction, and halves of surrogate pairs can deceive a reader or a terminal
const UNSEEN = /[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu;
const HALF_CHARACTERS = /\p{Surrogate}/gu;

/** One line of text fit to be seen: no control characters or direction overrides, white space as single spaces. */
export function visibleText(text: unknown): string {
  const line = String(text ?? "").replace(/\s+/g, " ");
  return line.replace(UNSEEN, "").replace(HALF_CHARACTERS, "\uFFFD");
}

/** Text for HTML, safe between tags and inside quoted attributes. */
export function escapeHtml(text: unknown): string {
  return visibleText(text).replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/**
 * Text for any label of a plotly figure, which reads `<b>`, `<br>`, `<a href>` and entities, and takes what stands
 * between two dollar signs for TeX wherever MathJax is loaded, as it is in JupyterLab.
 */
export function plotText(text: unknown): string {
  return visibleText(text).replace(/[&<>$]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Lines of text, each escaped, as one plotly label. */
export function plotLines(...lines: unknown[]): string {
  return lines.map(plotText).join("<br>");
}

/**
 * Text within a line of Markdown, as the hub and GitHub read it: neither markup, HTML, a link, a mention, an emoji's name,
 * TeX nor the end of a table's cell.
 */
export function escapeMarkdown(text: unknown): string {
  const marked = visibleText(text).replace(/[\\`*_~$@]|\](?=[([])|:(?=\S)|(?<=www)\./gi, "\\$&");
  return marked.replace(/[&<>|]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** JSON that cannot end the `<script type="application/json">` it stands in. */
export function jsonForScript(value: unknown): string {
  const asEscape = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, asEscape);
}

/** Text cut to at most so many characters as people count them, the last one then an ellipsis. */
export function shorten(text: string, length: number): string {
  const characters = [...new Intl.Segmenter().segment(visibleText(text))].map(({ segment }) => segment);
  if (characters.length <= length) return characters.join("");
  return `${characters
    .slice(0, length - 1)
    .join("")
    .trimEnd()}…`;
}
