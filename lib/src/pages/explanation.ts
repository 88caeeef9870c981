import type { ExplainedFolder, Explanation } from "../explain";
import { averageHeatFigure, explanationFigure, looksFigure } from "../reporting/figures";
import { countOf, formatNumber } from "../reporting/format";
import { reportPage } from "../reporting/page";
import { leftOutTables } from "../reporting/tables";

/** Posters drawn in a page at most: each is a picture and two maps. */
const SHOWN = 40;

/** What a run sees in a folder's posters as one HTML file, which opens from disk without a network. */
export async function explanationPage(name: string, explained: ExplainedFolder): Promise<string> {
  const { explanations, average } = explained;
  const shown = explanations.slice(0, SHOWN);
  const more = explanations.length > SHOWN ? ` The first ${SHOWN} of ${countOf(explanations.length, "poster")}.` : "";
  const leftOut = leftOutTables(explained);
  const sections = [
    {
      heading: "Poster by poster",
      prose: `Blue lowers the prediction and orange raises it.${more}`,
      views: [await explanationFigure(shown)],
    },
    { heading: "Whether to believe it", prose: describeChecks(explained).join("\n\n"), views: [] },
    { heading: "On average", views: [averageHeatFigure(average.place), looksFigure(average.looks)] },
    ...(leftOut.length > 0 ? [{ heading: "Left out", views: leftOut }] : []),
  ];
  const footer = `Run ${name}. The posters are pictures inside this file: share it only where you may share them.`;
  return reportPage({ title: `What ${name} sees`, sections, footer });
}

/** What the checks of the explanations say, a sentence each. */
export function describeChecks({ agreement: { own, chance }, sanity }: ExplainedFolder): string[] {
  const two = (value: number | null) => formatNumber(value, 2);
  return [
    `Grad-CAM and occlusion know nothing of each other. Their rank correlation over the patches of a poster is ${two(own)} on average; between two different posters it is ${two(chance)}, which owes nothing to the poster.`,
    `With a model that has learnt nothing, the maps correlate by ${two(sanity.gradCam)} (Grad-CAM) and ${two(sanity.occlusion)} (occlusion) with those above: near 0 they show what was learnt, near 1 the posters alone.`,
  ];
}

/** An explanation as JSON: the maps row by row from the top left, without the picture. */
export function explanationJson({ picture: _, gradCam, occlusion, ...rest }: Explanation): object {
  const plain = ({ columns, rows, values }: Explanation["gradCam"]) => ({ columns, rows, values: [...values] });
  return { ...rest, gradCam: plain(gradCam), occlusion: plain(occlusion) };
}
