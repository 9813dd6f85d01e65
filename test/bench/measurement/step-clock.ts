import type { OwnerEvent } from '@lcb/functions-local';

type StepEvent = Extract<OwnerEvent, { kind: 'step' }>;

/** Adds up the time between the beginning and the end of each step of a run. */
export class StepClock {
  readonly #began = new Map<string, number>();
  readonly #seconds = new Map<string, number>();

  see(event: StepEvent): void {
    // Shards are copied side by side: the step's name alone does not tell them apart.
    const call = `${event.step} ${JSON.stringify(event.input)}`;
    if (event.phase === 'begin') {
      this.#began.set(call, performance.now());
    } else {
      const seconds = (performance.now() - (this.#began.get(call) ?? performance.now())) / 1000;
      this.#seconds.set(event.step, (this.#seconds.get(event.step) ?? 0) + seconds);
    }
  }

  seconds(): Record<string, number> {
    return Object.fromEntries(this.#seconds);
  }
}
