/** Bytes that memory which grows begins with. */
const firstBytes = 256 * 1024;

/** Cuts a stream into pieces of exactly the sizes asked for; only the last one is shorter, and of an empty stream it is empty. */
export class Pieces {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #onBytes: (bytes: Uint8Array) => void;
  /** What of the last chunk has not been taken. No other is asked for while there is some, so it may be lent. */
  #rest: Uint8Array = new Uint8Array();
  #ended = false;

  /** @param onBytes is told of all bytes in their order, as they are taken */
  constructor(source: AsyncIterable<Uint8Array>, onBytes: (bytes: Uint8Array) => void = () => undefined) {
    this.#source = source[Symbol.asyncIterator]();
    this.#onBytes = onBytes;
  }

  /** Has everything been taken? */
  get ended(): boolean {
    return this.#ended && this.#rest.length === 0;
  }

  /** Fills the memory, and answers how far: to its end, or the stream ended. Then it is known whether that was the last piece. */
  async fill(memory: Buffer): Promise<number> {
    let length = 0;
    for (;;) {
      const taken = this.#rest.subarray(0, memory.length - length);
      memory.set(taken, length);
      if (taken.length > 0) this.#onBytes(taken);
      length += taken.length;
      this.#rest = this.#rest.subarray(taken.length);
      if (this.#ended || this.#rest.length > 0) return length;
      const next = await this.#source.next();
      if (next.done) this.#ended = true;
      else this.#rest = next.value;
    }
  }

  /** As {@link fill}, into memory of its own. */
  async take(most: number): Promise<Buffer> {
    const memory = Buffer.allocUnsafeSlow(most);
    return memory.subarray(0, await this.fill(memory));
  }

  /** As {@link take}, with memory that grows with what comes. `begun` is what it begins with. */
  async gather(most: number, begun: Uint8Array = new Uint8Array()): Promise<Buffer> {
    let memory = Buffer.allocUnsafeSlow(Math.min(most, Math.max(firstBytes, 2 * begun.length)));
    memory.set(begun);
    let length = begun.length;
    for (;;) {
      length += await this.fill(memory.subarray(length));
      if (this.ended || length === most) return memory.subarray(0, length);
      const larger = Buffer.allocUnsafeSlow(Math.min(most, 2 * memory.length));
      larger.set(memory);
      memory = larger;
    }
  }

  /** Closes the source where it was left early. */
  async close(): Promise<void> {
    if (!this.#ended) await this.#source.return?.();
  }
}
