import { z } from "zod";

const numbers = z.array(z.number());
const tree = z
  .object({
    feature: z.array(z.number().int()),
    threshold: numbers,
    missingLeft: numbers,
    left: z.array(z.number().int().nonnegative()),
    value: numbers,
  })
  .refine(({ feature, ...lists }) => Object.values(lists).every((list) => list.length === feature.length))
  // children stand after their parent: no walk goes round in circles
  .refine(({ feature, left }) => feature.every((f, i) => f < 0 || (left[i]! > i && left[i]! + 1 < feature.length)));

/** Trees as a file holds them; a walk through what passes ends, and reads no column that is not there. */
export const treesSchema = z
  .object({ names: z.array(z.string()), base: z.number(), trees: z.array(tree), gains: numbers })
  .refine(({ names, trees }) => trees.every(({ feature }) => feature.every((column) => column < names.length)));
