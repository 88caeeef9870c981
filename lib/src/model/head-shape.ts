import { architectureNamed, type View, viewOf } from "./backbone";
import type { HeadShape } from "./head";
import { pooledDimensions } from "./pooling";

/** The shape of the head that reads a backbone's features in this view: what `model` of a configuration asks for. */
export function headShapeOf({
  backbone,
  hidden,
  ...view
}: Partial<View> & { backbone: string; hidden: readonly number[] }): HeadShape {
  const architecture = architectureNamed(backbone);
  const attention = view.pooling === "attention";
  const inputs = attention ? architecture.dimensions : pooledDimensions(architecture, viewOf(view));
  return { inputs, hidden, attention };
}
