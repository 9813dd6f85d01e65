/** So many bytes are passed on at a time. */
const CHUNK = 256 * 1024;
/** So many chunks may wait for their reader before the writer has to. */
const MOST_WAITING = 2;

/**
 * Chunks between one who fills them where he is called and one who reads them at his own pace, in memory that goes round: allocating
 * it anew would cost as much as anything else where all of a database passes.
 */
export class ChunkQueue {
  /** How much of the chunk that {@link room} gives is filled. */
  filled = 0;
  readonly #pause: (isPaused: boolean) => void;
  readonly #waiting: Buffer[] = [];
  /** Given back by the reader. */
  readonly #free: Buffer[] = [];
  #chunk: Buffer = Buffer.alloc(0);
  #isPaused = false;
  #end: { readonly error?: unknown } | undefined;
  #wake = () => {};

  /** @param pause stops and resumes what calls the writer. */
  constructor(pause: (isPaused: boolean) => void) {
    this.#pause = pause;
  }

  /** The chunk that is being filled: with room for so many bytes behind `filled`. */
  room(bytes: number): Buffer {
    if (this.#chunk.length - this.filled >= bytes) return this.#chunk;
    this.passOn();
    this.#chunk =
      bytes > CHUNK ? Buffer.allocUnsafeSlow(bytes) : (this.#free.pop() ?? Buffer.allocUnsafeSlow(CHUNK));
    return this.#chunk;
  }

  /** What was filled is the reader's from now on. */
  passOn(): void {
    if (this.filled > 0) this.#waiting.push(this.#chunk.subarray(0, this.filled));
    this.#chunk = Buffer.alloc(0);
    this.filled = 0;
    if (this.#waiting.length >= MOST_WAITING) this.#setPaused(true);
    this.#wake();
  }

  /** After the last chunk. */
  finish(end: { readonly error?: unknown }): void {
    this.#end ??= end;
    this.#wake();
  }

  /** A chunk is the reader's until he asks for the next: then its memory is used again. */
  async *chunks(): AsyncGenerator<Buffer> {
    for (;;) {
      const chunk = this.#waiting.shift();
      if (chunk) {
        this.#setPaused(false);
        yield chunk;
        const memory = Buffer.from(chunk.buffer);
        if (memory.length === CHUNK && this.#free.length < MOST_WAITING) this.#free.push(memory);
      } else if (this.#end) {
        if ('error' in this.#end) throw this.#end.error;
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }

  #setPaused(isPaused: boolean): void {
    if (this.#isPaused === isPaused) return;
    this.#isPaused = isPaused;
    this.#pause(isPaused);
  }
}
