import { describe, expect, it } from "vitest";
import { acrossFolds, correctedBy, worthOf } from "../scripts/correction.mjs";

const films = [0, 1, 0, 1, 0, 1].map((fold, id) => ({ id, fold, title: `film ${id}`, actual: 1e8, predicted: 1e7 }));
const rows = films.map(({ id }) => [id]);
const exact = { penalties: [1e-9] };

describe("acrossFolds", () => {
  it("continues a line that the other fold has", () => {
    const values = films.map(({ id }) => 2 * id + 1);
    const told = acrossFolds(films, rows, values, exact);
    told.forEach((value, film) => {
      expect(value).toBeCloseTo(2 * film + 1, 6);
    });
  });

  it("learns nothing of a film from the film's own fold", () => {
    // fold 1 has the line 3x, fold 0 the line −x: each is told by the other's
    const values = films.map(({ id, fold }) => (fold === 1 ? 3 * id : -id));
    const told = acrossFolds(films, rows, values, exact);
    told.forEach((value, film) => {
      expect(value).toBeCloseTo(films[film]!.fold === 0 ? 3 * film : -film, 6);
    });
  });
});

describe("correctedBy", () => {
  it("takes from each prediction, in log10 dollars, what the others were too high by", () => {
    // every prediction is a tenth of what was earned, whatever the film's number
    const corrected = correctedBy(rows, films);
    expect(corrected.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4, 5]);
    for (const { predicted, actual } of corrected) expect(predicted / actual).toBeCloseTo(1, 6);
  });
});

describe("worthOf", () => {
  it("judges the films that it is given, before and after", () => {
    const judged = films.map((film, i) => ({ ...film, uncorrected: 1e7, predicted: i < 2 ? 1e8 : 1e10 }));
    // log10 dollars: from 1 too low to right, and from 1 too low to 2 too high
    const [MSE, after] = ["MSE (log10 dollars²)", "MSE corrected"];
    expect(worthOf(judged.slice(0, 2))).toMatchObject({ films: "2", [MSE]: "1.0000", [after]: "0.0000" });
    expect(worthOf(judged.slice(2))).toMatchObject({ films: "4", [MSE]: "1.0000", [after]: "4.0000" });
  });
});
