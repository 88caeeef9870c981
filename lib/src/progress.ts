/** Where a long piece of work stands. `total` is absent where it cannot be known. */
export interface Progress {
  /** What is being done, as "decoding posters". */
  task: string;
  done: number;
  total?: number;
  /** What is counted, in the plural: "posters", "samples". */
  unit: string;
  /** Seconds since the work began. */
  seconds: number;
  /** A few words that belong to this moment, as "loss 0.2310". */
  detail?: string;
}

/** Hears of progress; the command line draws it on stderr, a notebook in its cell. */
export type ProgressListener = (progress: Progress) => void;

/** Counts the steps of one task and tells the listener, at most every `intervalMs` and always at the end. */
export class ProgressMeter {
  private done = 0;
  private toldAt = 0;
  private readonly startedAt = performance.now();

  constructor(
    private readonly task: string,
    private readonly unit: string,
    private readonly listener: ProgressListener | undefined,
    private readonly total?: number,
    private readonly intervalMs = 200,
  ) {}

  advance(steps: number, detail?: string): void {
    this.done += steps;
    const last = this.total !== undefined && this.done >= this.total;
    if (last || performance.now() - this.toldAt >= this.intervalMs) this.tell(this.total, detail);
  }

  /** Tells that the work is over, though less was to be done than was thought. */
  finish(detail?: string): void {
    if (this.done !== this.total) this.tell(this.done, detail);
  }

  private tell(total: number | undefined, detail?: string): void {
    this.toldAt = performance.now();
    const seconds = (this.toldAt - this.startedAt) / 1000;
    this.listener?.({ task: this.task, done: this.done, total, unit: this.unit, seconds, detail });
  }
}

/** "decoding posters 120/353 34% · 1,200 posters/s · 0:12 left · loss 0.2310". */
export function describeProgress({ task, done, total, unit, seconds, detail }: Progress): string {
  const rate = seconds > 0 ? done / seconds : 0;
  const parts = [total ? `${task} ${done}/${total} ${Math.floor((100 * done) / total)}%` : `${task} ${done}`];
  if (rate > 0) parts.push(`${formatRate(rate)} ${unit}/s`);
  if (total && rate > 0)
    parts.push(done < total ? `${formatSeconds((total - done) / rate)} left` : formatSeconds(seconds));
  if (detail) parts.push(detail);
  return parts.join(" · ");
}

function formatRate(rate: number): string {
  return rate < 10 ? rate.toFixed(1) : Math.round(rate).toLocaleString("en-US");
}

function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  const clock = [Math.floor(whole / 60) % 60, whole % 60].map((part) => String(part).padStart(2, "0"));
  return whole < 3600 ? clock.join(":").replace(/^0/, "") : `${Math.floor(whole / 3600)}:${clock.join(":")}`;
}
