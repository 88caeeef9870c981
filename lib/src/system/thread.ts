import { Worker } from "node:worker_threads";

/** A thread that answers one job after the other; one that breaks off or does not end is replaced for the next job. */
export class Thread<Job, Answer> {
  private worker: Worker | undefined;
  private last: Promise<unknown> = Promise.resolve();

  /** `file` is a compiled module that answers every message with one; `work` names what it does in an error, as "its decoding". */
  constructor(
    private readonly file: string,
    private readonly work: string,
  ) {}

  /** Rejects with the reason where the thread fails, or takes longer than so many seconds. */
  ask(job: Job, patience: number): Promise<Answer> {
    const answer = this.last.then(() => this.answerTo(job, patience));
    this.last = answer.catch(() => {});
    return answer;
  }

  private async answerTo(job: Job, patience: number): Promise<Answer> {
    this.worker ??= new Worker(this.file);
    const worker = this.worker;
    worker.postMessage(job);
    // an idle thread keeps no process alive
    worker.ref();
    return new Promise<Answer>((resolve, reject) => {
      // ticks, not a moment in time: a laptop may have slept meanwhile
      let ticks = 0;
      const clock = setInterval(() => ++ticks > patience && fail(`${this.work} does not end`), 1000);
      const settle = (): void => {
        clearInterval(clock);
        worker.off("message", onMessage).off("error", onError).off("exit", onExit).unref();
      };
      const fail = (reason: string): void => {
        settle();
        this.worker = undefined;
        // what it still says on its way out concerns no one
        worker.on("error", () => {});
        worker.terminate().finally(() => reject(new Error(reason)));
      };
      const onMessage = (answer: Answer): void => {
        settle();
        resolve(answer);
      };
      const onError = ({ code, message }: NodeJS.ErrnoException): void => {
        fail(code === "ERR_WORKER_OUT_OF_MEMORY" ? "it asks for more memory than there is" : message);
      };
      const onExit = (): void => fail(`${this.work} broke off`);
      worker.on("message", onMessage).on("error", onError).on("exit", onExit);
    });
  }
}
