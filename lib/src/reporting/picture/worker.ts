import { parentPort } from "node:worker_threads";
import { reasonOf } from "../../errors";
import type { Figure } from "../view";
import { type Drawing, openDrawing } from "./drawing";

/** What the thread answers: the picture, or why there is none. */
export type Answer = { svg: string } | { reason: string };

let drawing: Drawing | undefined;

parentPort?.on("message", (figure: Figure) => parentPort?.postMessage(answerTo(figure)));

function answerTo(figure: Figure): Answer {
  try {
    drawing ??= openDrawing();
    return { svg: drawing.svgOf(figure) };
  } catch (thrown) {
    return { reason: reasonOf(thrown) };
  }
}
