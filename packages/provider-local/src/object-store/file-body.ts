import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';

const chunkBytes = 256 * 1024;

export interface FileBodyOptions {
  readonly handle: FileHandle;
  /** The file as it was when it was opened. */
  readonly opened: BigIntStats;
  /** What the reader is told when the bytes are not those of the opened file. */
  readonly changed: () => Error;
  /** An error of the file system as the reader is to see it. */
  readonly translate: (error: unknown) => unknown;
}

/**
 * A file's bytes, exactly as many as it had when it was opened. Fails instead of ending when the file was written to
 * meanwhile. Replacing or deleting it does no harm: the opened file lives on until it is closed. Owns the handle.
 */
export class FileBody extends Readable {
  readonly #options: FileBodyOptions;
  readonly #size: number;
  #position = 0;

  constructor(options: FileBodyOptions) {
    super({ highWaterMark: chunkBytes });
    this.#options = options;
    this.#size = Number(options.opened.size);
  }

  override _read(): void {
    this.#next().then(
      (chunk) => this.push(chunk),
      (error: unknown) => this.destroy(asError(this.#options.translate(error))),
    );
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#options.handle.close().then(
      () => done(error),
      (closing: unknown) => done(error ?? asError(this.#options.translate(closing))),
    );
  }

  /** The next bytes, or `null` at the end. */
  async #next(): Promise<Buffer | null> {
    const { handle, opened, changed } = this.#options;
    const remaining = this.#size - this.#position;
    if (remaining === 0) {
      if (wasWritten(opened, await handle.stat({ bigint: true }))) throw changed();
      return null;
    }
    const buffer = Buffer.allocUnsafeSlow(Math.min(remaining, chunkBytes));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, this.#position);
    if (bytesRead === 0) throw changed();
    this.#position += bytesRead;
    return buffer.subarray(0, bytesRead);
  }
}

/** Judged by size and time of the last write, and by ctime too unless a name was taken from the file, which moves it. */
function wasWritten(before: BigIntStats, after: BigIntStats): boolean {
  if (before.size !== after.size || before.mtimeNs !== after.mtimeNs) return true;
  return before.nlink === after.nlink && before.ctimeNs !== after.ctimeNs;
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
