import fc from "fast-check";
import { matchNames } from "movie-revenue/catalogue/names";
import { describe, expect, it } from "vitest";

/** How each name was matched, or the reason why not. */
function outcome(files: string[], names: string[], titles: Record<string, string> = {}): Record<string, string> {
  const { matched, inexact, unmatched } = matchNames(files, names, new Map(Object.entries(titles)));
  const how = new Map(inexact.map((match) => [match.name, match.how as string]));
  return Object.fromEntries([
    ...[...matched].map(([name, file]) => [name, `${file} (${how.get(name) ?? "exact"})`]),
    ...unmatched.map(({ name, reason }) => [name, reason]),
  ]);
}

describe("one name, one file", () => {
  it.each([
    ["alien.jpg", "alien.jpg", "alien.jpg (exact)"],
    ["Alien.JPG", "alien.jpg", "alien.jpg (letter case)"],
    ["posters/alien.jpg", "alien.jpg", "alien.jpg (letter case)"],
    ["creed_3.jpg", "creed_3.png", "creed_3.png (extension)"],
    ["creed_3", "Creed_3.webp", "Creed_3.webp (extension)"],
    ["smile_2.jpg", "smile2.jpg", "smile2.jpg (spelling)"],
    ["Amélie.jpg", "amelie.png", "amelie.png (spelling)"],
    ["the-batman.jpg", "Batman.jpg", "Batman.jpg (spelling)"],
    ["hansel & gretel.jpg", "hansel_and_gretel.jpg", "hansel_and_gretel.jpg (spelling)"],
    ["ocean's-8.jpg", "oceans 8.jpg", "oceans 8.jpg (spelling)"],
    ["東京.jpg", "東京.png", "東京.png (extension)"],
    ["john_wick_4.jpg", "John Wick Chapter 4.jpg", "John Wick Chapter 4.jpg (nearest)"],
    // a sequel is another film, and 1-2 is not 12
    ["rocky_2.jpg", "rocky.jpg", 'no image is named "rocky_2.jpg", nor nearly so'],
    ["film_1_2.jpg", "film_12.jpg", 'no image is named "film_1_2.jpg", nor nearly so'],
    // three letters are too few to go by
    ["her.jpg", "her_smell.jpg", 'no image is named "her.jpg", nor nearly so'],
    ["../../etc/passwd", "barbie.jpg", 'no image is named "../../etc/passwd", nor nearly so'],
    ["", "barbie.jpg", 'no image is named "", nor nearly so'],
  ])("%s and %s", (name, file, expected) => expect(outcome([file], [name])).toEqual({ [name]: expected }));

  it("finds the file of a record by its title", () => {
    const titles = { "1.jpg": "Alien: Romulus", "2.jpg": "A Quiet Place: Day One" };
    expect(outcome(["alien_romulus.png", "quiet-place-day-one.jpg"], ["1.jpg", "2.jpg"], titles)).toEqual({
      "1.jpg": "alien_romulus.png (title)",
      "2.jpg": "quiet-place-day-one.jpg (title)",
    });
  });
});

describe("doubt", () => {
  it("leaves a name that could mean two files", () => {
    expect(outcome(["alien.png", "alien.webp"], ["alien.jpg"])).toEqual({
      "alien.jpg": '"alien.jpg" could mean several images: "alien.png", "alien.webp"',
    });
  });

  it("leaves two names that could mean one file", () => {
    const why = (name: string) => `"${name}" is not the only name that could mean the image "alien.png"`;
    expect(outcome(["alien.png"], ["alien.jpg", "alien.gif"])).toEqual({
      "alien.jpg": why("alien.jpg"),
      "alien.gif": why("alien.gif"),
    });
  });

  it("is gone once a stricter rule has taken the rival", () => {
    expect(outcome(["alien.jpg", "alien.png"], ["alien.jpg", "alien.gif"])).toEqual({
      "alien.jpg": "alien.jpg (exact)",
      "alien.gif": "alien.png (extension)",
    });
  });

  it("is settled by the title where the names alone leave it", () => {
    const titles = { "a.jpg": "Dune Part Two", "b.jpg": "Dune" };
    expect(outcome(["dune.jpg", "dune_part_two.jpg"], ["a.jpg", "b.jpg"], titles)).toEqual({
      "a.jpg": "dune_part_two.jpg (title)",
      "b.jpg": "dune.jpg (title)",
    });
  });
});

it("lists the files that no name means", () => {
  expect(matchNames(["a.jpg", "zebra.jpg"], ["a.jpg"]).unused).toEqual(["zebra.jpg"]);
});

it("pairs one to one, accounts for every name and file, and keeps exact names (property)", () => {
  const word = fc.constantFrom("alien", "Alien", "the", "dune", "2", "12", "é", "_", " ", "-", "part");
  const stem = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(""));
  const file = fc.tuple(stem, fc.constantFrom(".jpg", ".png", ".JPG", "")).map((parts) => parts.join(""));
  const list = fc.array(file, { maxLength: 12 });
  fc.assert(
    fc.property(list, list, fc.array(stem, { maxLength: 12 }), (files, names, titles) => {
      const found = matchNames(files, names, new Map(names.map((name, i) => [name, titles[i] ?? ""])));
      const taken = [...found.matched.values()];
      expect(new Set(taken).size).toBe(taken.length);
      expect([...taken, ...found.unused].sort()).toEqual([...new Set(files)].sort());
      const accounted = [...found.matched.keys(), ...found.unmatched.map(({ name }) => name)];
      expect(accounted.sort()).toEqual([...new Set(names)].sort());
      for (const name of names) if (files.includes(name)) expect(found.matched.get(name)).toBe(name);
      const changed = [...found.matched].filter(([name, own]) => name !== own).map(([name]) => name);
      expect(found.inexact.map(({ name }) => name).sort()).toEqual(changed.sort());
    }),
    { numRuns: 500 },
  );
});
