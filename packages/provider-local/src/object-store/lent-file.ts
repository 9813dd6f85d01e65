import type { LentBody } from '@lcb/core';
import type { OpenBytes } from './open-bytes.ts';

const chunkBytes = 256 * 1024;

/** A file in two pieces of memory: while the reader has the one, the other is filled. */
export class LentFile implements LentBody {
  readonly #bytes: OpenBytes;
  #errored: Error | null = null;
  #closing: Promise<void> | undefined;

  constructor(bytes: OpenBytes) {
    this.#bytes = bytes;
  }

  get errored(): Error | null {
    return this.#errored;
  }

  destroy(): void {
    this.#close().catch(() => undefined);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      yield* this.#pieces();
    } catch (error) {
      this.#errored = error instanceof Error ? error : new Error(String(error));
      throw error;
    } finally {
      await this.#close();
    }
  }

  async *#pieces(): AsyncGenerator<Uint8Array> {
    let now = this.#memory();
    let next: Buffer = Buffer.alloc(0);
    let reading = this.#bytes.read(now);
    for (;;) {
      const read = await reading;
      if (read === 0) return;
      if (next.length === 0) next = this.#memory();
      reading = this.#bytes.read(next);
      // It may fail while the reader is busy, or leaves.
      reading.catch(() => undefined);
      yield now.subarray(0, read);
      [now, next] = [next, now];
    }
  }

  #memory(): Buffer {
    return Buffer.allocUnsafeSlow(Math.min(this.#bytes.left, chunkBytes));
  }

  #close(): Promise<void> {
    this.#closing ??= this.#bytes.close();
    return this.#closing;
  }
}
