import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { environment, type Kernel, root, runPython, temporaryFolder } from "./jupyter.ts";

interface Message {
  type: string;
  content: Record<string, unknown>;
}

/** What a kernel said of one cell. */
export interface Answer {
  messages: Message[];
  reply: Record<string, unknown> | null;
  idle: boolean;
}

/** Cells that are sent together; the kernel is interrupted when one of them prints `interruptAt`. */
export interface Step {
  cells: string[];
  interruptAt?: string;
}

/** A kernel's answers, under the names of the steps. */
export interface Session {
  info: Record<string, unknown>;
  answers: Record<string, Answer[]>;
}

/** Runs the steps, one after the other, in a new kernel; one that is silent for so many seconds has hung. */
export async function session(kernel: Kernel, steps: Record<string, Step>, silence = 30): Promise<Session> {
  const folder = temporaryFolder();
  const file = join(folder, "steps.json");
  writeFileSync(file, JSON.stringify(Object.values(steps)));
  const env = { ...environment(folder), NODE_OPTIONS: `--require=${join(root, "test/kernel/like-node-23.cjs")}` };
  const script = join(root, "test/kernel/session.py");
  const answered = join(folder, "answers.json");
  const { code, stderr } = await runPython([script, kernel, String(silence), file, answered], { env });
  if (code !== 0) throw new Error(stderr);
  const { info, answers } = JSON.parse(readFileSync(answered, "utf8"));
  rmSync(folder, { recursive: true, force: true });
  return { info, answers: Object.fromEntries(Object.keys(steps).map((name, i) => [name, answers[i]])) };
}

export const answer = ({ answers }: Session, name: string, cell = 0): Answer => answers[name]![cell]!;

export const ofType = ({ messages }: Answer, type: string): Message[] =>
  messages.filter((message) => message.type === type);

/** All that the cell wrote to stdout and stderr. */
export const printed = (cell: Answer): string =>
  ofType(cell, "stream")
    .map(({ content }) => content.text)
    .join("");

/** Expects "name: message" on iopub, where people and nbmake look, and in the reply, where nbclient looks. */
export function expectError(cell: Answer, error: string): void {
  const shown = ofType(cell, "error").map(({ content }) => `${content.ename}: ${content.evalue}`);
  const { status, ename, evalue } = cell.reply ?? {};
  expect({ shown, status, replied: `${ename}: ${evalue}` }).toEqual({
    shown: [error],
    status: "error",
    replied: error,
  });
}
