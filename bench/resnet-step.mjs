// Our side of resnet-step: every layer of ResNet50 and the head of the original recipe trained, batch 32, AdamW.
import { loadEngine } from "movie-revenue/engine";
import { resnet50 } from "movie-revenue/model/resnet";
import { BATCH, SHAPE, trainingStep } from "./resnet.mjs";
import { main, rateOf } from "./shared.mjs";

const STEPS = 3;

main("node bench/resnet-step.mjs\n\nTrains ResNet50 and a head on 32 synthetic posters, four steps.", measure);

async function measure() {
  await loadEngine();
  const step = trainingStep(resnet50, { shape: SHAPE, hidden: [1024, 512, 1024] });
  const losses = [];
  const work = () => losses.push(step());
  await rateOf(work, BATCH);
  const rate = await rateOf(work, BATCH, STEPS);
  const checksum = { before: losses[0], after: losses[1] };
  return { name: "resnet-step", unit: "posters/s", rate, checksum };
}
