import { UsageError } from "../errors";
import { writeFeatures } from "../features";
import { checkOn } from "../ray/cluster";
import { writeFeaturesOnRay } from "../ray/features";
import type { Command } from "./command";
import { print, required, sayLeftOut, text, workOptions } from "./shared";

export const featuresCommand: Command = {
  summary: "writes a backbone's features of a folder's posters",
  help: `movie-revenue features --images FOLDER --out FILE.safetensors [--backbone B] [--weights FILE.safetensors]
                       [--on ray|ray://HOST:PORT]

  --images FOLDER  .jpg, .jpeg, .png or .webp posters
  --out FILE       tensor "features", [n, d], rows in file-name order; the names are in the metadata
  --backbone B     efficientnet-lite0 (default), -lite1 or -lite2, resnet18 or resnet50
  --weights FILE   weights under PyTorch's names (default: ImageNet)
  --on ray         spreads the posters over a Ray cluster: the running one (RAY_ADDRESS), else this machine, or
                   ray://HOST:PORT; the project must be set up on every node, at the same path
  --part           the folder is a part of another: no poster that can be read is no failure, and the metadata's
                   "skipped" lists what was left out`,
  options: {
    images: { type: "string" },
    out: { type: "string" },
    backbone: { type: "string" },
    weights: { type: "string" },
    on: { type: "string" },
    part: { type: "boolean" },
  },
  async run({ values }) {
    const [images, out, on] = [required(values, "images"), required(values, "out"), checkOn(text(values, "on"))];
    const model = { backbone: text(values, "backbone"), weights: text(values, "weights") };
    const options = { ...workOptions(), ...model, part: values.part === true };
    if (on && options.part) throw new UsageError("--part is for one machine: leave it out beside --on.");
    const written = on ? writeFeaturesOnRay(images, out, { ...options, on }) : writeFeatures(images, out, options);
    const { names, dimensions, skipped } = await written;
    sayLeftOut("Posters that cannot be read", skipped);
    print(`${out}: features [${names.length}, ${dimensions}]`);
    return 0;
  },
};
