import { architectureNamed, type View } from "./backbone";
import { type BesideOptions, featuresOfAll } from "./backbones";
import type { HeadShape } from "./head";

/** The shape of the head that reads the features of this view: what `model` of a configuration asks for. */
export function headShapeOf({
  hidden,
  ...model
}: Partial<View> & BesideOptions & { backbone: string; hidden: readonly number[] }): HeadShape {
  const attention = model.pooling === "attention";
  const inputs = attention ? architectureNamed(model.backbone).dimensions : featuresOfAll(model);
  return { inputs, hidden, attention };
}
