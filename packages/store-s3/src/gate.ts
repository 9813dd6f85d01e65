import { onAbort } from './wire/on-abort.ts';

export interface GateOptions {
  /** Requests at once, to begin with. */
  readonly start: number;
  /** … and at most. */
  readonly most: number;
  /** Milliseconds, from any moment on. */
  readonly now: () => number;
}

/** Milliseconds after which throughput is looked at, at the earliest. */
const windowMilliseconds = 250;
/** What has to be gained for more at once to be worth it. */
const worthwhile = 1.03;
const growth = 1.25;
const backOff = 0.6;
/** Windows without growth after which a little more is tried again: what others take from the server changes. */
const patience = 20;

/**
 * Lets requests to one server through, as many at once as pay: more while that makes more of them come back in the same time, fewer as
 * soon as the server asks to slow down. Whoever has to wait is let through in order.
 */
export class Gate {
  readonly #options: GateOptions;
  readonly #waiting: (() => void)[] = [];
  #limit: number;
  #inside = 0;
  #since: number;
  #done = 0;
  /** Was the limit reached in this window? Else it says nothing of what more would bring. */
  #wasFull = false;
  #best = 0;
  #still = 0;
  #slowedAt = Number.NEGATIVE_INFINITY;

  constructor(options: GateOptions) {
    this.#options = options;
    this.#limit = Math.min(options.start, options.most);
    this.#since = options.now();
  }

  /** Requests that are let through at once, at this moment. */
  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** @throws the signal's reason, when it fires while waiting */
  async enter(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.#inside < this.limit) {
      this.#inside += 1;
      return;
    }
    this.#wasFull = true;
    await new Promise<void>((resolve, reject) => {
      const go = () => {
        endWaiting();
        resolve();
      };
      const endWaiting = onAbort(signal, () => {
        this.#waiting.splice(this.#waiting.indexOf(go), 1);
        reject(signal?.reason);
      });
      this.#waiting.push(go);
    });
  }

  /** A request is over. */
  leave(outcome: 'done' | 'throttled' | 'failed'): void {
    this.#inside -= 1;
    if (outcome === 'done') this.#done += 1;
    this.#adapt(outcome === 'throttled');
    while (this.#inside < this.limit) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#inside += 1;
      next();
    }
  }

  #adapt(isThrottled: boolean): void {
    const now = this.#options.now();
    const passed = now - this.#since;
    if (isThrottled) {
      // Once a window: those that were under way are refused together.
      if (now - this.#slowedAt < windowMilliseconds) return;
      this.#slowedAt = now;
      this.#limit = Math.max(1, this.#limit * backOff);
      this.#begin(now, 0);
      return;
    }
    if (passed < windowMilliseconds || this.#done < this.#limit) return;
    const rate = this.#done / passed;
    if (!this.#wasFull) this.#begin(now, this.#best);
    else if (rate > this.#best * worthwhile) this.#grow(now, rate);
    else if (this.#still >= patience) this.#grow(now, 0);
    else {
      this.#still += 1;
      this.#begin(now, this.#best);
    }
  }

  #grow(now: number, rate: number): void {
    this.#limit = Math.min(this.#options.most, Math.max(this.#limit + 1, this.#limit * growth));
    this.#still = 0;
    this.#begin(now, rate);
  }

  #begin(now: number, best: number): void {
    this.#since = now;
    this.#done = 0;
    this.#wasFull = false;
    this.#best = best;
  }
}
