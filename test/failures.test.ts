import { makeConfig } from "movie-revenue";
import type { Film } from "movie-revenue/catalogue/film";
import { UserError } from "movie-revenue/errors";
import { BrokenLoss } from "movie-revenue/training/epoch-loss";
import { explainingFailures } from "movie-revenue/training/failures";
import { describe, expect, it } from "vitest";

const films = Array.from({ length: 9 }, (_, i) => ({ id: 100 + i, title: `Film "${i}"` }) as Film);

async function sentence(fail: () => unknown, ...set: string[]): Promise<unknown> {
  const { training } = makeConfig({ set });
  return explainingFailures({ films, training }, async () => fail()).catch((thrown: unknown) => thrown);
}

describe("training that fails", () => {
  it("by a loss that is no number names the films of the batch, five of them", async () => {
    const fail = (rows: number[]) => sentence(() => Promise.reject(new BrokenLoss(3, { step: 2, rows })));
    const begin = "The loss is no longer a number in epoch 3, step 2: lower training.learningRate. The batch held";
    expect(await fail([1, 8])).toEqual(
      new UserError(`${begin} "Film \\"1\\"" (101), "Film \\"8\\"" (108); the last whole epoch is kept.`),
    );
    expect(await fail([0, 1, 2, 3, 4, 5, 6])).toMatchObject({
      message: expect.stringMatching(/"Film \\"4\\"" \(104\) and 2 more; the last whole epoch is kept\.$/),
    });
    expect(await sentence(() => Promise.reject(new BrokenLoss(3)))).toBeInstanceOf(BrokenLoss);
  });

  // test/trust/health.test.ts asks the engine itself
  const said = "Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[1073741824,131072] and type float";

  it("by want of the engine's memory says what to lower", async () => {
    const fail = () => Promise.reject(new Error(said));
    expect(await sentence(fail)).toEqual(new UserError("The engine ran out of memory: lower training.batchSize (32)."));
    expect(await sentence(fail, "training.freeze=none", "training.accumulate=2", "training.batchSize=16")).toEqual(
      new UserError(
        "The engine ran out of memory: lower training.batchSize (16), or raise training.accumulate (2), " +
          "by which a batch goes through the network in parts.",
      ),
    );
  });

  it("by want of JavaScript's memory says so too", async () => {
    const fail = () => Promise.reject(new RangeError("Array buffer allocation failed"));
    expect(await sentence(fail)).toMatchObject({ message: expect.stringContaining("ran out of memory") });
  });

  it("by anything else fails as it is", async () => {
    const fault = new TypeError("x is not a function");
    expect(await sentence(() => Promise.reject(fault))).toBe(fault);
  });
});
