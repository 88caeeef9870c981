import type { SeedSpread, Spread } from "../../studies/seeds";
import { countOf, formatNumber, formatWithInterval } from "../format";
import type { Html } from "../view";
import type { Columns } from "./columns";
import { htmlTable } from "./html";

/** The columns of `seedRows`, for tables of HTML, text and Markdown alike. */
export const SEED_COLUMNS: Columns = {
  name: { title: "What is trained" },
  varied: { title: "What the seed decides" },
  seeds: { title: "Seeds", align: "right" },
  mse: { title: "MSE: mean ± sd over seeds", align: "right" },
  r2: { title: "R²: mean ± sd over seeds", align: "right" },
  ends: { title: "R²: lowest to highest", align: "right" },
  films: { title: "R² of one seed, 95% over films", align: "right" },
};

const VARIED = { training: "what training draws", folds: "which films are held out together" };

/** How far each number moves with its seed, beside how far it moves with the films. */
export function seedTable(spreads: readonly SeedSpread[]): Html {
  const films = countOf(spreads[0]?.scores[0]?.n ?? 0, "film");
  return htmlTable(seedRows(spreads), {
    caption: `Cross-validation of ${films} from several seeds`,
    columns: SEED_COLUMNS,
  });
}

/** A row of texts for each spread. */
export function seedRows(spreads: readonly SeedSpread[]): object[] {
  return spreads.map(({ name, varied, seeds, scores, mse, r2 }) => ({
    ...{ name, varied: VARIED[varied], seeds: String(seeds.length) },
    ...{ mse: withSpread(mse), r2: withSpread(r2) },
    ends: r2 ? `${formatNumber(r2.lowest)} to ${formatNumber(r2.highest)}` : "–",
    films: formatWithInterval(scores[0]?.r2, scores[0]?.ci95.r2),
  }));
}

function withSpread(spread: Spread | null): string {
  return spread ? `${formatNumber(spread.mean, 4)} ± ${formatNumber(spread.sd, 4)}` : "–";
}
