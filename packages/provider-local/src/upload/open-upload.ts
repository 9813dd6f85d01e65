import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { isZstd, LcbError, wholeFrames } from '@lcb/core';

/** What is known of an uploaded file once it was read to its end. */
export interface ReadUpload {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

export type UploadCompression = 'none' | 'gzip' | 'zstd';

/** By the first bytes; the name is somebody else's word. */
export async function compressionOf(path: string): Promise<UploadCompression> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
  const first = buffer.subarray(0, bytesRead);
  if (first.toString('hex', 0, 2) === '1f8b') return 'gzip';
  return isZstd(first) ? 'zstd' : 'none';
}

/** A file of this machine that is read once, decompressed, its stored bytes counted and hashed on their way. */
export class UploadFile {
  readonly name: string;
  readonly #path: string;
  readonly #hash = createHash('sha256');
  #bytes = 0;

  constructor(path: string) {
    this.name = basename(path);
    this.#path = path;
  }

  /** @throws LcbError `upload.unreadable` */
  async *read(compression: UploadCompression, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const stored = createReadStream(this.#path);
    if (compression === 'none') {
      yield* this.#counted(stored);
      return;
    }
    const plain = compression === 'gzip' ? createGunzip() : createZstdDecompress();
    const counted = (source: AsyncIterable<Uint8Array>) => this.#counted(source);
    const reading = pipeline(stored, counted, wholeFrames(compression), plain, { signal });
    // Its failure also destroys `plain`, which is where the loop below meets it.
    reading.catch(() => undefined);
    try {
      for await (const chunk of plain) yield Buffer.from(chunk);
      await reading;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Error && 'code' in error && /^Z(?:STD)?_/.test(String(error.code)))) throw error;
      throw new LcbError({
        code: 'upload.unreadable',
        message: `${this.name} can't be decompressed: ${error.message}. Transfer it again.`,
      });
    } finally {
      plain.destroy();
      stored.destroy();
    }
  }

  /** Only to hash it, where another program reads it. */
  async readThrough(): Promise<void> {
    for await (const _chunk of this.#counted(createReadStream(this.#path))) {
      // Counting is all.
    }
  }

  /** Once it was read to its end. */
  described(): ReadUpload {
    return { name: this.name, bytes: this.#bytes, sha256: this.#hash.copy().digest('hex') };
  }

  async *#counted(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      this.#hash.update(chunk);
      this.#bytes += chunk.length;
      yield chunk;
    }
  }
}
