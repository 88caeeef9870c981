import { createHash } from "node:crypto";

/**
 * SHA-256 over one line for each film, in their order: `id revenue sha256-of-the-poster`, an unknown revenue as `-`.
 * The order counts, because the split depends on it: films of one fingerprint and one seed are split alike.
 */
export function fingerprint(films: readonly { id: number; revenue: number | null; sha256: string }[]): string {
  const hash = createHash("sha256");
  for (const { id, revenue, sha256 } of films) hash.update(`${id} ${revenue ?? "-"} ${sha256}\n`);
  return hash.digest("hex");
}
