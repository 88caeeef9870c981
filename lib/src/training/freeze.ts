import { UserError } from "../errors";
import type { Architecture } from "../model/network";

/** What of a network does not learn: nothing, the whole backbone, or the backbone's stages before the one named. */
export type Freeze = "none" | "backbone" | `until:${string}`;

/** The stages that do not learn; one that the backbone does not have is a `UserError` that names those it has. */
export function frozenStages({ name, stages }: Architecture, freeze: Freeze): Set<string> {
  if (freeze === "none") return new Set();
  if (freeze === "backbone") return new Set(stages);
  const first = freeze.startsWith("until:") ? stages.indexOf(freeze.slice("until:".length)) : -1;
  if (first >= 0) return new Set(stages.slice(0, first));
  const choices = stages.map((stage) => `until:${stage}`).join(", ");
  throw new UserError(`${name} cannot be frozen by "${freeze}": take none, backbone, or one of ${choices}.`);
}
