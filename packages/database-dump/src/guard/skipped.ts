import type { Place } from './verdict.ts';

/** Counts what was left out by command, so that a thousand grants are one sentence. */
export class Skipped {
  readonly #counts = new Map<string, { count: number; readonly why: string }>();

  add({ command }: Place, why: string): void {
    const known = this.#counts.get(command);
    if (known) known.count += 1;
    else this.#counts.set(command, { count: 1, why });
  }

  /** One sentence each. */
  notices(): string[] {
    return [...this.#counts].map(([command, { count, why }]) => `Left out ${count} × ${command}: ${why}.`);
  }
}
