import { Readable } from 'node:stream';
import type { OpenBytes } from './open-bytes.ts';

const chunkBytes = 256 * 1024;

/** A file as a stream, each chunk in memory of its own. */
export class FileBody extends Readable {
  readonly #bytes: OpenBytes;

  constructor(bytes: OpenBytes) {
    super({ highWaterMark: chunkBytes });
    this.#bytes = bytes;
  }

  override _read(): void {
    this.#next().then(
      (chunk) => this.push(chunk),
      (error: Error) => this.destroy(error),
    );
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#bytes.close().then(
      () => done(error),
      (closing: Error) => done(error ?? closing),
    );
  }

  /** The next bytes, or `null` at the end. */
  async #next(): Promise<Buffer | null> {
    const buffer = Buffer.allocUnsafeSlow(Math.min(this.#bytes.left, chunkBytes));
    const read = await this.#bytes.read(buffer);
    return read === 0 ? null : buffer.subarray(0, read);
  }
}
