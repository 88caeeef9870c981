import { describeArchitecture } from "./architecture";
import type { Architecture, Block, Stage, Unit } from "./network";

/** Channels of each stage's inner convolutions. */
const WIDTHS = [64, 128, 256, 512] as const;

/** A convolution as torchvision pads it, with its batch norm and ReLU. */
function unit(
  names: { convolution: string; norm: string },
  shape: { inputs: number; outputs: number; kernel: number; stride?: 1 | 2 },
  activation: Unit["activation"] = "relu",
): Unit {
  return { ...names, depthwise: false, stride: 1, padding: "torch", activation, ...shape };
}

interface BlockShape {
  name: string;
  inputs: number;
  width: number;
  stride: 1 | 2;
}

/** 1 × 1 down, 3 × 3, 1 × 1 up by four (He et al. 2016); the stride is on the 3 × 3, as in torchvision ("v1.5"). */
function bottleneck({ name, inputs, width, stride }: BlockShape): Block {
  const names = (i: number) => ({ convolution: `${name}.conv${i}`, norm: `${name}.bn${i}` });
  const outputs = 4 * width;
  return residual({ name, inputs, outputs, stride }, [
    unit(names(1), { inputs, outputs: width, kernel: 1 }),
    unit(names(2), { inputs: width, outputs: width, kernel: 3, stride }),
    unit(names(3), { inputs: width, outputs, kernel: 1 }, "none"),
  ]);
}

/** Two 3 × 3 (He et al. 2016). */
function basic({ name, inputs, width, stride }: BlockShape): Block {
  const names = (i: number) => ({ convolution: `${name}.conv${i}`, norm: `${name}.bn${i}` });
  return residual({ name, inputs, outputs: width, stride }, [
    unit(names(1), { inputs, outputs: width, kernel: 3, stride }),
    unit(names(2), { inputs: width, outputs: width, kernel: 3 }, "none"),
  ]);
}

/** Units with the block's input added, through a 1 × 1 where its shape changes. */
function residual(
  { name, inputs, outputs, stride }: { name: string; inputs: number; outputs: number; stride: 1 | 2 },
  units: Unit[],
): Block {
  if (inputs === outputs && stride === 1) return { units, skip: "identity", relu: true };
  const names = { convolution: `${name}.downsample.0`, norm: `${name}.downsample.1` };
  return { units, skip: unit(names, { inputs, outputs, kernel: 1, stride }, "none"), relu: true };
}

/** A ResNet under torchvision's names, with as many blocks in each stage as `depths` says. */
export function resnet(
  name: string,
  {
    block,
    depths,
    widths = WIDTHS,
  }: { block: "basic" | "bottleneck"; depths: readonly number[]; widths?: readonly number[] },
): Architecture {
  const [make, expansion] = block === "basic" ? [basic, 1] : [bottleneck, 4];
  const first = unit({ convolution: "conv1", norm: "bn1" }, { inputs: 3, outputs: widths[0]!, kernel: 7, stride: 2 });
  const layers: Stage[] = [{ name: "stem", blocks: [{ units: [first], pool: true }] }];
  let inputs = widths[0]!;
  for (const [stage, depth] of depths.entries()) {
    const width = widths[stage]!;
    const blocks = Array.from({ length: depth }, (_, i) => {
      const stride = stage > 0 && i === 0 ? 2 : 1;
      const shape: BlockShape = { name: `layer${stage + 1}.${i}`, inputs, width, stride };
      inputs = width * expansion;
      return make(shape);
    });
    layers.push({ name: `layer${stage + 1}`, blocks });
  }
  return describeArchitecture({ name, layers, epsilon: 1e-5, momentum: 0.1 });
}

/** ResNet18: 512 features. */
export const resnet18: Architecture = resnet("resnet18", { block: "basic", depths: [2, 2, 2, 2] });

/** ResNet50: 2,048 features. */
export const resnet50: Architecture = resnet("resnet50", { block: "bottleneck", depths: [3, 4, 6, 3] });
