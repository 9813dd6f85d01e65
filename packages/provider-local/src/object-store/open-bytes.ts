import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';

export interface OpenBytesOptions {
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
export class OpenBytes {
  readonly size: number;
  readonly #options: OpenBytesOptions;
  #position = 0;

  constructor(options: OpenBytesOptions) {
    this.#options = options;
    this.size = Number(options.opened.size);
  }

  get left(): number {
    return this.size - this.#position;
  }

  /** Reads the next bytes, as many as fit or fewer; answers how many. 0: all have been read, and are those of the opened file. */
  async read(into: Buffer): Promise<number> {
    const { handle, opened, changed, translate } = this.#options;
    try {
      if (this.left === 0) {
        if (wasWritten(opened, await handle.stat({ bigint: true }))) throw changed();
        return 0;
      }
      const { bytesRead } = await handle.read(into, 0, Math.min(into.length, this.left), this.#position);
      if (bytesRead === 0) throw changed();
      this.#position += bytesRead;
      return bytesRead;
    } catch (error) {
      throw asError(translate(error));
    }
  }

  /** Waits for a read that is under way. */
  async close(): Promise<void> {
    try {
      await this.#options.handle.close();
    } catch (error) {
      throw asError(this.#options.translate(error));
    }
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
