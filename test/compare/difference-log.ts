import type { Difference, DifferenceKind } from './report.ts';

/** Counts every difference and keeps the first ones, so that two unrelated environments cannot fill the memory. */
export class DifferenceLog {
  readonly #limit: number;
  readonly #kept: Difference[] = [];
  readonly #counts: Partial<Record<DifferenceKind, number>> = {};
  #total = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(kind: DifferenceKind, name: string, detail: string): void {
    this.#total += 1;
    this.#counts[kind] = (this.#counts[kind] ?? 0) + 1;
    if (this.#kept.length < this.#limit) this.#kept.push({ kind, name, detail });
  }

  get kept(): readonly Difference[] {
    return this.#kept;
  }

  get counts(): Readonly<Partial<Record<DifferenceKind, number>>> {
    return this.#counts;
  }

  get total(): number {
    return this.#total;
  }
}
