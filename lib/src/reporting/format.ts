const UNITS = ["", "K", "M", "B", "T"];

/** Dollars with two or three digits: `$950`, `$12.3M`, `$1.2B`, `$120M`; what is unknown is `–`. */
export function formatDollars(dollars: number | null | undefined): string {
  if (dollars == null || !Number.isFinite(dollars)) return "–";
  let size = Math.abs(dollars);
  let unit = 0;
  // 999,960,000 rounds to $1B, so the step up comes where rounding would show 1,000
  while (size >= 999.5 && unit < UNITS.length - 1) {
    size /= 1000;
    unit++;
  }
  const digits = size >= 99.95 || unit === 0 ? Math.round(size).toLocaleString("en-US") : size.toFixed(1);
  const text = digits.replace(/\.0$/, "");
  return `${dollars < 0 && text !== "0" ? "−" : ""}$${text}${UNITS[unit]}`;
}

/** Two amounts as one range: `$12.3M – $1.2B`, or `–` where there is none. */
export function formatRange(low: number | null | undefined, high: number | null | undefined): string {
  return low == null || high == null ? "–" : `${formatDollars(low)} – ${formatDollars(high)}`;
}

/** A text that begins with a capital. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A fraction as per cent: .178 → `17.8%`. */
export function formatPercent(fraction: number | null | undefined, digits = 1): string {
  return fraction == null || !Number.isFinite(fraction) ? "–" : `${minus((100 * fraction).toFixed(digits))}%`;
}

/** A number with a fixed count of decimals and a real minus: −.0512 → `−0.051`. */
export function formatNumber(value: number | null | undefined, decimals = 3): string {
  return value == null || !Number.isFinite(value) ? "–" : minus(value.toFixed(decimals));
}

/** A value and its interval, `0.207 [0.156, 0.264]`; without an interval the value alone. */
export function formatWithInterval(
  value: number | null | undefined,
  ends: readonly [number, number] | null | undefined,
  show: (value: number | null | undefined) => string = (number) => formatNumber(number),
): string {
  return `${show(value)}${ends ? ` [${show(ends[0])}, ${show(ends[1])}]` : ""}`;
}

/** A whole number with its thousands marked: `3,923`. */
export function formatCount(count: number): string {
  return minus(Math.round(count).toLocaleString("en-US"));
}

/** A count with its noun: `1 film`, `3,923 films`. */
export function countOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** How far a prediction is off, as people say it: `2.1× too high`, `18× too low`, `exact`. */
export function formatMiss(predicted: number, actual: number): string {
  const factor = predicted > actual ? predicted / actual : actual / predicted;
  if (!(factor > 0) || !Number.isFinite(factor)) return "–";
  if (factor < 1.005) return "exact";
  const digits = factor < 1.095 ? 2 : factor < 9.95 ? 1 : 0;
  return `${factor.toFixed(digits)}× too ${predicted > actual ? "high" : "low"}`;
}

function minus(text: string): string {
  return /^-[0.]*$/.test(text) ? text.slice(1) : text.replace("-", "−");
}
