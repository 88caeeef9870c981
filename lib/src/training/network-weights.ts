import { isParameter } from "../model/architecture";
import { weightOf } from "../model/layers";
import { toEngine, toTorch } from "../model/layout";
import type { Architecture } from "../model/network";
import type { Weights } from "../model/safetensors";

/** What the names of a whole network's backbone begin with; its head's begin with `head.`. */
export const BACKBONE = "backbone.";

/** A backbone and a head as one network; a backbone's tensor that is missing, or of another shape, is a `UserError`. */
export function joinNetwork(
  { shapes }: Architecture,
  { backbone, head }: { backbone: Weights; head: Weights },
): Weights {
  const own = Object.entries(shapes).map(([name, shape]) => [BACKBONE + name, weightOf(backbone, name, shape)]);
  return { ...Object.fromEntries(own), ...head };
}

/** The backbone by its own names, and the head. */
export function splitNetwork(weights: Weights): { backbone: Weights; head: Weights } {
  const [backbone, head]: [Weights, Weights] = [{}, {}];
  for (const [name, weight] of Object.entries(weights)) {
    if (name.startsWith(BACKBONE)) backbone[name.slice(BACKBONE.length)] = weight;
    else head[name] = weight;
  }
  return { backbone, head };
}

/** Throws a `UserError` where a tensor of the backbone is missing or of another shape, or there is no head. */
export function checkNetwork(architecture: Architecture, weights: Weights): void {
  const { backbone, head } = splitNetwork(weights);
  joinNetwork(architecture, { backbone, head });
  weightOf(head, "head.0.weight");
}

/** What a tensor of the network does in training. */
export type Part = "learns" | "moves" | "stays";

/** How a network is trained, as to what of it stays as it is. */
export interface Frozen {
  /** Stages that do not learn. */
  frozen: ReadonlySet<string>;
  /** Whether batch norms keep, and use, their running statistics. */
  freezeNorm: boolean;
}

/** Parameters learn, running statistics move after the batches, and what is frozen stays. */
export function partOf(name: string, { stageOf }: Architecture, { frozen, freezeNorm }: Frozen): Part {
  if (!name.startsWith(BACKBONE)) return "learns";
  const own = name.slice(BACKBONE.length);
  if (frozen.has(stageOf(own))) return "stays";
  if (isParameter(own)) return "learns";
  return freezeNorm ? "stays" : "moves";
}

/** A network's tensors by what they do, in the engine's layouts. */
export function partition(weights: Weights, architecture: Architecture, frozen: Frozen): Record<Part, Weights> {
  const parts: Record<Part, Weights> = { learns: {}, moves: {}, stays: {} };
  for (const [name, weight] of Object.entries(weights)) parts[partOf(name, architecture, frozen)][name] = weight;
  return { learns: toEngine(parts.learns), moves: toEngine(parts.moves), stays: toEngine(parts.stays) };
}

/** The network's tensors, in the order of `like`: in PyTorch's layout where they learnt or moved, as they were elsewhere. */
export function reunite(like: Weights, changed: Weights): Weights {
  const found = toTorch(changed);
  return Object.fromEntries(Object.entries(like).map(([name, weight]) => [name, found[name] ?? weight]));
}
