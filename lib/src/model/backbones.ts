import { openAll } from "../system/open-all";
import { architectureNamed, type Backbone, type BackboneOptions, loadBackbone, type View, viewOf } from "./backbone";
import { pooledDimensions } from "./pooling";

/** Which backbones look at a poster: the first, whose the weights are, and those beside it. */
export interface BesideOptions extends Pick<BackboneOptions, "backbone" | "weights"> {
  beside?: readonly string[];
}

/** A backbone by its name, and where its weights are from. */
export interface WeightedBackbone {
  backbone: string;
  weights: string;
}

/** The backbones that a configuration's `model` asks for, one beside the other: the further ones are random where the first is. */
export function backbonesOf({
  backbone = "efficientnet-lite0",
  weights = "default",
  beside = [],
}: BesideOptions = {}): WeightedBackbone[] {
  const further = weights === "random" ? weights : "default";
  return [{ backbone, weights }, ...beside.map((backbone) => ({ backbone, weights: further }))];
}

/** Loads them all; the caller disposes each. */
export function loadBackbones(options: BackboneOptions & BesideOptions): Promise<Backbone[]> {
  const load = (one: WeightedBackbone) => loadBackbone({ ...options, ...one });
  return openAll(backbonesOf(options), load, (backbone) => backbone.dispose());
}

/** Features of one poster by all of them. */
export function featuresOfAll(model: Partial<View> & BesideOptions): number {
  const view = viewOf(model);
  return backbonesOf(model).reduce((sum, { backbone }) => sum + pooledDimensions(architectureNamed(backbone), view), 0);
}
