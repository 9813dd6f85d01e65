/** No tool writes a sensible line that is longer; bytes. */
const MAX_LINE = 4096;

/** The last lines of a text that streams by; keeps no more than them, however much passes. */
export class LineTail {
  readonly #count: number;
  readonly #lines: string[] = [];
  #open = '';

  constructor(count: number) {
    this.#count = count;
  }

  push(text: string): void {
    const [first = '', ...rest] = text.split('\n');
    this.#open = (this.#open + first).slice(0, MAX_LINE);
    for (const line of rest) {
      this.#lines.push(this.#open);
      this.#open = line.slice(0, MAX_LINE);
    }
    this.#lines.splice(0, this.#lines.length - this.#count);
  }

  /** Without empty lines. */
  lines(): readonly string[] {
    return [...this.#lines, this.#open].filter((line) => line.trim() !== '').slice(-this.#count);
  }
}
