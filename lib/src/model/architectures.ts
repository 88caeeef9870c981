import { lite0, lite1, lite2 } from "./lite";
import type { Architecture } from "./network";
import { resnet18, resnet50 } from "./resnet";

/** Every backbone by its name. */
export const ARCHITECTURES: Readonly<Record<string, Architecture>> = Object.fromEntries(
  [lite0, lite1, lite2, resnet18, resnet50].map((architecture) => [architecture.name, architecture]),
);
