import { writeFeatures } from "../features";
import type { Command } from "./command";
import { print, required, sayLeftOut, text, workOptions } from "./shared";

export const featuresCommand: Command = {
  summary: "writes a backbone's features of a folder's posters",
  help: `movie-revenue features --images FOLDER --out FILE.safetensors [--backbone B] [--weights FILE.safetensors]

  --images FOLDER  .jpg, .jpeg, .png or .webp posters
  --out FILE       tensor "features", [n, d], rows in file-name order; the names are in the metadata
  --backbone B     efficientnet-lite0 (default)
  --weights FILE   weights under PyTorch's names (default: ImageNet)`,
  options: {
    images: { type: "string" },
    out: { type: "string" },
    backbone: { type: "string" },
    weights: { type: "string" },
  },
  async run({ values }) {
    const options = { ...workOptions(), backbone: text(values, "backbone"), weights: text(values, "weights") };
    const out = required(values, "out");
    const { names, dimensions, skipped } = await writeFeatures(required(values, "images"), out, options);
    sayLeftOut("Posters that cannot be read", skipped);
    print(`${out}: features [${names.length}, ${dimensions}]`);
    return 0;
  },
};
