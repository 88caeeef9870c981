/** Something the user can put right: one sentence that names the file, row or key, and what to do. Exit code 1. */
export class UserError extends Error {
  override name = "UserError";
  readonly exitCode: number = 1;
}

/** The command or an option was written wrongly. Exit code 2. */
export class UsageError extends UserError {
  override name = "UsageError";
  override readonly exitCode = 2;
}

/** The user stopped the work; what was finished is kept. Exit code 130. */
export class Interrupted extends UserError {
  override name = "Interrupted";
  override readonly exitCode = 130;
}

/** Throws `Interrupted` once the signal is aborted; `kept` says what remains of the work. */
export function throwIfInterrupted(signal: AbortSignal | undefined, kept = ""): void {
  if (signal?.aborted) throw new Interrupted(`Interrupted.${kept ? ` ${kept}` : ""}`);
}

/** The message of anything thrown, on one line. */
export function reasonOf(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  // a message may quote a file, and a terminal obeys control signs
  return (message.trim().split("\n")[0] ?? "").replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "?");
}

/** The known name nearest to a mistyped one, as ` Did you mean "x"?`, or nothing. */
export function didYouMean(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near === undefined ? "" : ` Did you mean "${near}"?`;
}

/** One sentence about a name that is not among the known ones: the nearest of them, or where none is near, all. */
export function noSuch(kind: string, name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  const advice = near === undefined ? `take one of ${known.join(", ")}.` : `did you mean "${near}"?`;
  return `There is no ${kind} "${name}": ${advice}`;
}

function nearest(name: string, known: readonly string[]): string | undefined {
  const near = known
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .filter(({ candidate, distance }) => distance <= Math.max(2, candidate.length / 3))
    .sort((a, b) => a.distance - b.distance)[0];
  return near?.candidate;
}

/** Levenshtein's distance: the fewest insertions, deletions and substitutions between two words. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = (previous[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min((previous[j] as number) + 1, (current[j - 1] as number) + 1, substitute));
    }
    previous = current;
  }
  return previous[b.length] as number;
}
