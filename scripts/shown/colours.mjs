import { createRequire } from "node:module";

const { colourFeatures } = createRequire(import.meta.url)("movie-revenue/posters/colours");

/** A poster's colours, and where on it they and its edges lie: the features of the baseline of that name. */
export const colours = {
  ...{ name: "colours and layout", version: "colours-v1" },
  featuresOf: (features) => features,
  open: async () => async (bytes, size) => [...colourFeatures(bytes, size)],
};
