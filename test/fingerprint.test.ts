import { fingerprint } from "movie-revenue/catalogue/fingerprint";
import { describe, expect, it } from "vitest";

const films = [
  { id: 12, revenue: 2_923_706_026, sha256: "aa" },
  { id: 7, revenue: null, sha256: "bb" },
];

describe("fingerprint", () => {
  it("is the SHA-256 of its lines", () => {
    // printf '12 2923706026 aa\n7 - bb\n' | sha256sum
    expect(fingerprint(films)).toBe("14a7b591b085dc63a3f4f5b30bf431605daf0060e6b4f3ed639a0acf6a02c12b");
  });

  it("of nothing is the SHA-256 of nothing", () => {
    expect(fingerprint([])).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });

  it("changes with every fact it covers and with the order, and with nothing else", () => {
    const [first, second] = films as [(typeof films)[0], (typeof films)[0]];
    const others = [
      [second, first],
      [first],
      [{ ...first, id: 13 }, second],
      [{ ...first, revenue: 2_923_706_027 }, second],
      [{ ...first, sha256: "ab" }, second],
    ];
    const prints = others.map((other) => fingerprint(other));
    expect(new Set([...prints, fingerprint(films)]).size).toBe(6);
    expect(fingerprint([Object.assign({ title: "x" }, first), second])).toBe(fingerprint(films));
  });
});
