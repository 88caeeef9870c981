import {
  didYouMean,
  Interrupted,
  noSuch,
  reasonOf,
  throwIfInterrupted,
  UsageError,
  UserError,
} from "movie-revenue/errors";
import { describe, expect, it } from "vitest";

describe("exit codes", () => {
  it("are 1, 2 and 130", () => {
    const errors = [new UserError("a"), new UsageError("b"), new Interrupted("c")];
    expect(errors.map(({ exitCode }) => exitCode)).toEqual([1, 2, 130]);
    expect(errors.map(({ name }) => name)).toEqual(["UserError", "UsageError", "Interrupted"]);
    expect(errors.every((error) => error instanceof UserError && error instanceof Error)).toBe(true);
  });
});

describe("throwIfInterrupted", () => {
  it("throws once the signal is aborted, and says what is kept", () => {
    const controller = new AbortController();
    throwIfInterrupted(undefined);
    throwIfInterrupted(controller.signal, "All is kept.");
    controller.abort();
    expect(() => throwIfInterrupted(controller.signal)).toThrow(new Interrupted("Interrupted."));
    expect(() => throwIfInterrupted(controller.signal, "All is kept.")).toThrow("Interrupted. All is kept.");
  });
});

describe("reasonOf", () => {
  it.each([
    [new Error("  first\nsecond  "), "first"],
    ["text", "text"],
    [undefined, "undefined"],
    [{ toString: (): string => "an object" }, "an object"],
    [new Error(""), ""],
  ])("%s → %s", (thrown, reason) => expect(reasonOf(thrown)).toBe(reason));
});

describe("didYouMean", () => {
  const known = ["training.maxEpochs", "training.seed", "split.seed"];

  it.each([
    // one letter left out
    ["training.maxEpoch", ' Did you mean "training.maxEpochs"?'],
    // two of ten letters: at most max(2, 10 / 3) may differ
    ["splot.sead", ' Did you mean "split.seed"?'],
    ["split.seed", ' Did you mean "split.seed"?'],
    ["revenue", ""],
    ["", ""],
  ])("%s →%s", (name, hint) => expect(didYouMean(name, known)).toBe(hint));

  it("knows nothing where there is nothing to know", () => expect(didYouMean("x", [])).toBe(""));

  it("takes the nearest, not the first", () => {
    // cat → cart is one insertion, cat → coast two
    expect(didYouMean("cat", ["coast", "cart"])).toBe(' Did you mean "cart"?');
  });
});

describe("noSuch", () => {
  it("is one sentence, with the nearest name or with all", () => {
    const known = ["train", "evaluate"];
    expect(noSuch("command", "trian", known)).toBe('There is no command "trian": did you mean "train"?');
    expect(noSuch("command", "zzz", known)).toBe('There is no command "zzz": take one of train, evaluate.');
  });
});
