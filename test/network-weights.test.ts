import { initialiseHead } from "movie-revenue/model/head";
import { joinNetwork, partition, partOf, reunite, splitNetwork } from "movie-revenue/training/network-weights";
import { describe, expect, it } from "vitest";
import { architecture, startWeights } from "./small-network.ts";

const backbone = architecture.initialise(1);
const head = initialiseHead({ inputs: 64, hidden: [5] }, { seed: 1 });

describe("a whole network's weights", () => {
  it("are a backbone's, without what else its file holds, and a head's", () => {
    const whole = joinNetwork(architecture, {
      backbone: { ...backbone, "fc.weight": { shape: [1], data: new Float32Array(1) } },
      head,
    });
    expect(Object.keys(whole)).toHaveLength(Object.keys(architecture.shapes).length + 4);
    expect(splitNetwork(whole)).toEqual({ backbone, head });
  });

  it("are refused where a tensor is missing or of another shape", () => {
    const { "layer1.0.conv1.weight": _missing, ...others } = backbone;
    expect(() => joinNetwork(architecture, { backbone: others, head })).toThrow(
      'The weights have no tensor "layer1.0.conv1.weight"',
    );
    const narrow = { ...backbone, "bn1.bias": { shape: [4], data: new Float32Array(4) } };
    expect(() => joinNetwork(architecture, { backbone: narrow, head })).toThrow('"bn1.bias" has shape [4]');
  });

  it("learn, move or stay", () => {
    const part = (name: string, freezeNorm = false) =>
      partOf(name, architecture, { frozen: new Set(["stem"]), freezeNorm });
    expect(part("head.0.bias")).toBe("learns");
    expect(part("backbone.layer1.0.bn1.weight")).toBe("learns");
    expect(part("backbone.layer1.0.bn1.running_var")).toBe("moves");
    expect(part("backbone.layer1.0.bn1.running_var", true)).toBe("stays");
    expect([part("backbone.conv1.weight"), part("backbone.bn1.running_mean")]).toEqual(["stays", "stays"]);
  });

  it("come back from the engine's layouts as they were", () => {
    const start = startWeights();
    const { learns, moves } = partition(start, architecture, { frozen: new Set(["layer2"]), freezeNorm: false });
    // [8, 3, 7, 7] in PyTorch
    expect(learns["backbone.conv1.weight"]!.shape).toEqual([7, 7, 3, 8]);
    expect(reunite(start, { ...learns, ...moves })).toEqual(start);
    expect(Object.keys(reunite(start, learns))).toEqual(Object.keys(start));
  });
});
