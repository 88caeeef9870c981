import type { Manifest } from "../runs/manifest";

/** What a run was made with, by name: what tells which code, data and machine are behind its figures. */
export function madeWith(manifest: Manifest): Record<string, string> {
  const { version, git, library, node, engine, threads, seeds, data, weights, startedAt } = manifest;
  return {
    "movie-revenue": version,
    commit: git ?? "unknown",
    "SHA-256 of the compiled library": library ?? "unknown",
    node,
    engine: `${engine.name}, ${engine.version}, ${engine.gpu ? "GPU" : "CPU"}${engine.reason ? ` (${engine.reason})` : ""}`,
    threads: String(threads ?? "unknown"),
    seeds: Object.entries(seeds)
      .map(([name, seed]) => `${name} ${seed}`)
      .join(", "),
    "fingerprint of films and posters": data.fingerprint,
    "SHA-256 of what it began with": weights,
    "started at": startedAt,
  };
}
