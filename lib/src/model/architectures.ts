import { lite0 } from "./lite0";
import type { Architecture } from "./network";
import { resnet18, resnet50 } from "./resnet";

/** Every backbone by its name. */
export const ARCHITECTURES: Readonly<Record<string, Architecture>> = Object.fromEntries(
  [lite0, resnet18, resnet50].map((architecture) => [architecture.name, architecture]),
);
