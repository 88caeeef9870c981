import { Worker } from "node:worker_threads";
import { UserError } from "movie-revenue/errors";
import { afterAll, afterEach, expect } from "vitest";

/** The share of each suite's inputs that is tried, from 0 to 1: continuous integration tries a sample. */
const SHARE = Number(process.env.MOVIE_REVENUE_TRUST_SHARE ?? 1);

/** The memory that a suite may ever need beyond what it began with, in kilobytes. */
const MAX_GROWTH = 1_500_000;

/** Seconds without an end of one input, a training among them, after which the process is killed: a loop that blocks it defeats vitest's timeout. */
const PATIENCE = 300;

export interface Suite {
  /** `count` numbers from 0, or the sample's share of them. */
  seeds(count: number): number[];
  /** Checks each input, and fails once all were tried, naming the first that failed. */
  all<T>(inputs: Iterable<T>, check: (input: T) => unknown, nameOf?: (input: T) => string): Promise<void>;
  /** Counts inputs that are checked elsewhere. */
  count(inputs?: number, failures?: number): void;
}

/** A suite that counts its inputs and failures, and prints them at its end for the table in docs/trust.md. */
export function suite(name: string): Suite {
  let [tests, inputs, failed] = [0, 0, 0];
  afterEach(() => {
    tests++;
  });
  const { enter, leave } = watchdog(name);
  const before = process.resourceUsage().maxRSS;
  afterAll(() => {
    // scripts/trust.mjs makes a table of these lines
    console.log(`trust: ${name} tests=${tests} inputs=${inputs} failures=${failed}`);
    expect(process.resourceUsage().maxRSS - before, "kilobytes of memory").toBeLessThan(MAX_GROWTH);
  });
  return {
    seeds: (count) => Array.from({ length: Math.ceil(count * SHARE) }, (_, seed) => seed),
    count: (more = 1, failures = 0) => {
      inputs += more;
      failed += failures;
    },
    all: async (all, check, nameOf = String) => {
      const failures: string[] = [];
      for (const input of all) {
        enter(++inputs);
        try {
          await check(input);
        } catch (thrown) {
          failed++;
          if (failures.length < 5)
            failures.push(`${nameOf(input)}: ${thrown instanceof Error ? thrown.stack : thrown}`);
        }
        leave();
      }
      expect(failures).toEqual([]);
    },
  };
}

/** What `work` throws, or null; anything but a `UserError` of one plain sentence is thrown on. */
export async function refusal(work: () => unknown): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (thrown) {
    if (!(thrown instanceof UserError)) throw thrown;
    checkSentence(thrown.message);
    return thrown.message;
  }
}

/** Throws unless a message is short, on one line and without signs that a terminal would obey. */
export function checkSentence(message: string): void {
  if (message.length === 0 || message.length > 2000) throw new Error(`a message of ${message.length} characters`);
  if (/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e]/u.test(message)) throw new Error(`signs in ${JSON.stringify(message)}`);
}

/** A thread that kills this process, which fails the test file, where one input never ends. */
function watchdog(name: string): { enter(input: number): void; leave(): void } {
  const shared = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(WATCH, { eval: true, workerData: { shared, name, patience: PATIENCE, pid: process.pid } });
  worker.unref();
  afterAll(async () => {
    await worker.terminate();
  });
  return { enter: (input) => Atomics.store(shared, 0, input), leave: () => Atomics.store(shared, 0, 0) };
}

const WATCH = `
const { workerData: { shared, name, patience, pid } } = require("node:worker_threads");
let last = 0, seconds = 0;
setInterval(() => {
  const input = Atomics.load(shared, 0);
  seconds = input !== 0 && input === last ? seconds + 1 : 0;
  last = input;
  if (seconds < patience) return;
  require("node:fs").writeSync(2, "trust: " + name + " hangs at its input " + input + "\\n");
  process.kill(pid, "SIGKILL");
}, 1000);
`;
