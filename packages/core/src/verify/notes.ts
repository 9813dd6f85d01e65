/** What was found, the first hundred by name: there may be as many as there are files. */
export interface Noted {
  readonly count: number;
  readonly texts: readonly string[];
}

const named = 100;

export class Notes implements Noted {
  #count = 0;
  readonly #texts: string[] = [];

  add(text: string): void {
    this.#count += 1;
    if (this.#texts.length < named) this.#texts.push(text);
  }

  /** @param noted of which only the first are known by name */
  addAll(noted: Noted): void {
    for (const text of noted.texts) this.add(text);
    this.#count += noted.count - noted.texts.length;
  }

  get count(): number {
    return this.#count;
  }

  get texts(): readonly string[] {
    return this.#texts;
  }
}
