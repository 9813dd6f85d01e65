/** Cuts a stream into pieces of exactly the sizes asked for; only the last one is shorter, and of an empty stream it is empty. */
export class Pieces {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);
  #ended = false;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Has everything been taken? */
  get ended(): boolean {
    return this.#ended && this.#rest.length === 0;
  }

  async take(size: number): Promise<Buffer> {
    const chunks: Buffer[] = [this.#rest];
    let length = this.#rest.length;
    // One byte more is looked for, so that the last piece is known to be the last.
    while (!this.#ended && length <= size) {
      const next = await this.#source.next();
      if (next.done) {
        this.#ended = true;
      } else {
        const { buffer, byteOffset, byteLength } = next.value;
        chunks.push(Buffer.from(buffer, byteOffset, byteLength));
        length += byteLength;
      }
    }
    const whole = chunks.length === 1 ? this.#rest : Buffer.concat(chunks, length);
    this.#rest = whole.subarray(size);
    return whole.subarray(0, size);
  }

  /** Closes the source where it was left early. */
  async close(): Promise<void> {
    if (!this.#ended) await this.#source.return?.();
  }
}
