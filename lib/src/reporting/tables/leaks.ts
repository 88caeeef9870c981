import type { Leak, LeakKind, LeakSide } from "../../evaluation/leaks";
import type { Html } from "../view";
import { htmlTable } from "./html";

/** What each kind of pair is called. */
const NAMES: Record<LeakKind, string> = {
  sameId: "one id",
  sameBytes: "one poster file",
  samePicture: "one picture",
  sameTitleAndYear: "one title and year",
};

/** How many pairs of films on different sides of the split are alike, by kind. */
export function leakTable(leaks: Record<LeakKind, Leak>): Html {
  const rows = Object.entries(leaks).map(([kind, { count }]) => ({ with: NAMES[kind as LeakKind], pairs: count }));
  return htmlTable(rows, {
    caption: "Pairs of films on different sides of the split",
    columns: { with: { title: "Pairs with" }, pairs: { title: "Pairs", align: "right" } },
  });
}

/** The pairs themselves, worth a look. */
export function leakPairs(leaks: Record<LeakKind, Leak>): Html {
  const rows = Object.entries(leaks).flatMap(([kind, { pairs }]) =>
    pairs.map(([one, other]) => ({ with: NAMES[kind as LeakKind], one: describe(one), other: describe(other) })),
  );
  return htmlTable(rows, {
    caption: "The pairs",
    columns: { with: { title: "With" }, one: { title: "One side" }, other: { title: "Other side" } },
  });
}

function describe({ title, year, id, split }: LeakSide): string {
  return `${title} (${year ?? "year unknown"}), id ${id}, ${split}`;
}
