import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  type ObjectInfo,
  ObjectNotFoundError,
  type ObjectRef,
  type ObjectStore,
  PreconditionFailedError,
} from '@lcb/core';

/** Called with each chunk before it counts as written: may wait, or throw as a failing store would. */
export type OnChunk = (key: string, bytesBefore: number) => void | Promise<void>;

interface Stored {
  readonly bytes: Buffer;
  readonly info: ObjectInfo;
}

const LOCATION = 'memory://test';

/** A store as strict as the port: an object appears whole or not at all. */
export class MemoryStore implements ObjectStore {
  readonly location = LOCATION;
  /** Replace it to make writes slow or fail. */
  onChunk: OnChunk = () => {};
  readonly #objects = new Map<string, Stored>();

  keys(): string[] {
    return [...this.#objects.keys()].sort();
  }

  bytes(key: string): Buffer {
    return this.#find(key).bytes;
  }

  /** Changes stored bytes behind everybody's back. */
  damage(key: string, change: (bytes: Buffer) => Buffer): void {
    const { bytes, info } = this.#find(key);
    this.#objects.set(key, { bytes: change(Buffer.from(bytes)), info });
  }

  async *list({ prefix = '', startAfter = '' } = {}): AsyncGenerator<ObjectInfo> {
    for (const key of this.keys()) {
      if (key.startsWith(prefix) && key > startAfter) yield this.#find(key).info;
    }
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    return this.#objects.get(key)?.info;
  }

  async get(key: string, options: { readonly ifMatch?: string } = {}) {
    const { bytes, info } = this.#find(key);
    if (options.ifMatch !== undefined && options.ifMatch !== info.etag)
      throw new PreconditionFailedError(key);
    return { info, body: Readable.from(slices(bytes)) };
  }

  async put(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    options: { readonly ifNoneMatch?: '*'; readonly signal?: AbortSignal } = {},
  ) {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of body instanceof Uint8Array ? [body] : body) {
      options.signal?.throwIfAborted();
      await this.onChunk(key, size);
      chunks.push(Buffer.from(chunk));
      size += chunk.length;
    }
    options.signal?.throwIfAborted();
    if (options.ifNoneMatch && this.#objects.has(key)) throw new PreconditionFailedError(key);
    const bytes = Buffer.concat(chunks);
    const value = createHash('sha256').update(bytes).digest('hex');
    const info = { key, size, etag: value, lastModified: new Date().toISOString(), metadata: {} };
    this.#objects.set(key, { bytes, info });
    return { size, etag: value, checksum: { algorithm: 'sha256' as const, value } };
  }

  async deleteMany(objects: AsyncIterable<ObjectRef> | Iterable<ObjectRef>): Promise<void> {
    for await (const { key } of objects) this.#objects.delete(key);
  }

  async probe(): Promise<void> {}

  refuses(): undefined {
    return undefined;
  }

  #find(key: string): Stored {
    const stored = this.#objects.get(key);
    if (stored) return stored;
    throw new ObjectNotFoundError(LOCATION, key);
  }
}

function* slices(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}
