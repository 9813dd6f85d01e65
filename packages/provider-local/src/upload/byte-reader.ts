/** Reads a stream in pieces of wanted sizes. Flat memory: what is large is handed on as it comes. */
export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Exactly so many bytes, or `undefined` at the end of the stream. What ends in between is returned shorter. */
  async read(count: number): Promise<Buffer | undefined> {
    const pieces: Buffer[] = [];
    for await (const piece of this.chunks(count)) pieces.push(piece);
    return pieces.length === 0 && count > 0 ? undefined : Buffer.concat(pieces);
  }

  /** So many bytes as they come; fewer where the stream ends before. */
  async *chunks(count: number): AsyncGenerator<Buffer> {
    let left = count;
    while (left > 0) {
      if (this.#rest.length === 0) {
        const next = await this.#source.next();
        if (next.done) return;
        this.#rest = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
        continue;
      }
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }
}
