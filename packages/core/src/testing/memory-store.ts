import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { KeyRefusedError, ObjectNotFoundError, PreconditionFailedError } from '../errors/errors.ts';
import { LcbError } from '../errors/lcb-error.ts';
import type {
  CopyOptions,
  HeadOptions,
  LentObject,
  ListOptions,
  ObjectInfo,
  ObjectRef,
  ObjectStore,
  ObjectVersion,
  OpenObject,
  ReadOptions,
  StoredObject,
  WriteOptions,
} from '../ports/object-store.ts';
import { turn } from './streams.ts';

export interface MemoryStoreOptions {
  readonly location?: string;
  /** Keep every version of an object, as a bucket with versioning does; a removal without a version only hides. */
  readonly versions?: boolean;
  /** Listings leave out content type and metadata, as most stores' do. */
  readonly bareListings?: boolean;
  /** Bytes of each piece of a body. */
  readonly chunkSize?: number;
  /** Longest key, in bytes. */
  readonly longestKey?: number;
  readonly missing?: boolean;
  /** Copies from other memory stores by itself, as a server does. */
  readonly copies?: boolean;
  /** An object can't lie below another one's key, as in a file system. */
  readonly folders?: boolean;
}

interface Stored {
  readonly info: ObjectInfo;
  /** Absent in the marker that a removal leaves where versions are kept. */
  readonly bytes: Buffer | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** Keys that one request of a listing answers: what changes meanwhile is seen by the next. */
const pageSize = 3;
const epoch = Date.UTC(2025, 0, 1);

/** An object store in memory, as strict as its contract: what a real store might forgive fails here. */
export class MemoryStore implements ObjectStore {
  readonly location: string;
  readonly #options: MemoryStoreOptions;
  readonly #objects = new Map<string, Stored[]>();
  readonly #open = new Set<Readable>();
  #writes = 0;
  /** Copies that were made without bytes passing through the caller. */
  serverCopies = 0;
  readonly listVersions?: NonNullable<ObjectStore['listVersions']>;
  readonly versioning?: NonNullable<ObjectStore['versioning']>;
  readonly now?: NonNullable<ObjectStore['now']>;
  readonly copyFrom?: NonNullable<ObjectStore['copyFrom']>;

  constructor(options: MemoryStoreOptions = {}) {
    this.location = options.location ?? 'memory://store';
    this.#options = options;
    if (options.versions === true) {
      this.listVersions = (options) => this.#everyVersion(options);
      this.versioning = async () => 'enabled';
      // The clock goes on by a second with each write.
      this.now = async () => ({ from: timeOf(this.#writes), to: timeOf(this.#writes) });
    }
    if (options.copies === true) this.copyFrom = (...args) => this.#copyFrom(...args);
  }

  /** Bodies that were neither consumed nor destroyed: a caller that leaks them is found out. */
  get openBodies(): number {
    return [...this.#open].filter((body) => !body.destroyed).length;
  }

  /** All keys, sorted by their UTF-8 bytes. */
  keys(prefix = ''): string[] {
    return [...this.#objects.keys()]
      .filter((key) => key.startsWith(prefix) && this.#current(key) !== undefined)
      .sort(byBytes);
  }

  /** The bytes under a key, without a request. */
  bytes(key: string, version?: string): Buffer {
    return Buffer.from(this.#find(key, version).bytes ?? Buffer.alloc(0));
  }

  /** Changes stored bytes behind everybody's back: neither etag nor time nor version tells. */
  tamper(key: string, change: (bytes: Buffer) => Buffer): void {
    const stored = this.#find(key, undefined);
    const bytes = change(Buffer.from(stored.bytes ?? Buffer.alloc(0)));
    this.#objects.set(key, [
      ...(this.#objects.get(key) ?? []).filter((other) => other !== stored),
      { info: { ...stored.info, size: bytes.length }, bytes },
    ]);
  }

  async probe(): Promise<void> {
    if (this.#options.missing !== true) return;
    throw new LcbError({ code: 'objectStore.locationMissing', message: `There is no ${this.location}.` });
  }

  async *list({ prefix = '', startAfter }: ListOptions = {}): AsyncGenerator<ObjectInfo> {
    let last = startAfter;
    for (;;) {
      const after = last;
      const rest = this.keys(prefix).filter((key) => after === undefined || byBytes(key, after) > 0);
      const page = rest.slice(0, pageSize).map((key) => this.#find(key, undefined).info);
      await turn();
      for (const info of page) yield this.#options.bareListings === true ? bare(info) : info;
      last = page.at(-1)?.key;
      if (last === undefined) return;
    }
  }

  async head(key: string, { version, tags }: HeadOptions = {}): Promise<ObjectInfo | undefined> {
    await turn();
    const found = this.#lookUp(key, version);
    return found && shown(found, tags);
  }

  async get(key: string, { version, ifMatch, tags }: ReadOptions = {}): Promise<OpenObject> {
    await turn();
    const found = this.#find(key, version);
    const { bytes = Buffer.alloc(0) } = found;
    const info = shown(found, tags);
    if (ifMatch !== undefined && ifMatch !== info.etag) {
      throw new PreconditionFailedError(`${JSON.stringify(key)} in ${this.location} was replaced.`);
    }
    const body = Readable.from(pieces(bytes, this.#options.chunkSize ?? 16 * 1024), { objectMode: false });
    this.#open.add(body);
    body.once('close', () => this.#open.delete(body));
    return { info, body };
  }

  /** What a chunk held is gone once the next is asked for. */
  async lend(key: string, options: ReadOptions): Promise<LentObject> {
    const { info, body } = await this.get(key, options);
    return {
      info,
      body: {
        get errored() {
          return body.errored;
        },
        destroy: () => void body.destroy(),
        async *[Symbol.asyncIterator]() {
          for await (const bytes of body) {
            const chunk = Buffer.from(bytes);
            yield chunk;
            chunk.fill('?');
          }
        },
      },
    };
  }

  async put(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    options: WriteOptions = {},
  ): Promise<StoredObject> {
    const reason = this.refuses(key);
    if (reason !== undefined) throw new KeyRefusedError(this.location, key, reason);
    this.#mayWrite(key, options);
    const bytes = await collect(body, options.signal);
    options.signal?.throwIfAborted();
    // Asked again where it counts: of racing writers exactly one may come through.
    this.#mayWrite(key, options);
    return this.#store(key, bytes, options);
  }

  async deleteMany(objects: AsyncIterable<ObjectRef> | Iterable<ObjectRef>): Promise<void> {
    for await (const { key, version } of objects) this.#remove(key, version);
  }

  refuses(key: string, beside?: string): string | undefined {
    if (key === '') return 'it is empty';
    if (this.#options.folders === true && beside !== undefined) return `${beside} is an object`;
    if (!key.isWellFormed()) return 'it is not Unicode';
    const longest = this.#options.longestKey ?? 1024;
    return Buffer.byteLength(key) > longest ? `it is longer than ${longest} bytes` : undefined;
  }

  #store(key: string, bytes: Buffer, options: WriteOptions): StoredObject {
    const info = this.#describe(key, bytes.length, options);
    this.#keep(key, { info, bytes, tags: options.tags });
    const checksum = {
      algorithm: 'sha256',
      value: createHash('sha256').update(bytes).digest('hex'),
    } as const;
    const { size, etag, version } = info;
    return { size, etag, checksum, ...(version === undefined ? {} : { version }) };
  }

  async #copyFrom(
    source: ObjectStore,
    sourceKey: string,
    targetKey: string,
    { version, ifMatch, description, signal }: CopyOptions,
  ): Promise<StoredObject | undefined> {
    await turn();
    signal?.throwIfAborted();
    if (!(source instanceof MemoryStore)) return undefined;
    const { info, bytes = Buffer.alloc(0), tags } = source.#find(sourceKey, version);
    if (ifMatch !== undefined && ifMatch !== info.etag) {
      throw new PreconditionFailedError(`${JSON.stringify(sourceKey)} in ${source.location} was replaced.`);
    }
    this.serverCopies += 1;
    if (description !== undefined) return this.#store(targetKey, Buffer.from(bytes), description);
    const { contentType, metadata } = info;
    return this.#store(targetKey, Buffer.from(bytes), {
      ...(contentType === undefined ? {} : { contentType }),
      ...(metadata === undefined ? {} : { metadata }),
      ...(tags === undefined ? {} : { tags }),
    });
  }

  async *#everyVersion({ prefix = '', startAfter = '' }: ListOptions = {}): AsyncGenerator<ObjectVersion> {
    const isMeant = (key: string) => key.startsWith(prefix) && byBytes(key, startAfter) > 0;
    for (const key of [...this.#objects.keys()].filter(isMeant).sort(byBytes)) {
      await turn();
      for (const [age, { info, bytes }] of [...(this.#objects.get(key) ?? [])].reverse().entries()) {
        const { size, etag, version = 'null', lastModified } = info;
        const isDeleteMarker = bytes === undefined;
        yield {
          key,
          version,
          isLatest: age === 0,
          isDeleteMarker,
          size,
          etag: isDeleteMarker ? '' : etag,
          lastModified,
        };
      }
    }
  }

  #mayWrite(key: string, { ifNoneMatch }: WriteOptions): void {
    if (ifNoneMatch === undefined || this.#current(key) === undefined) return;
    throw new PreconditionFailedError(`${JSON.stringify(key)} exists in ${this.location}.`);
  }

  #describe(key: string, size: number, { lastModified, contentType, metadata }: WriteOptions): ObjectInfo {
    this.#writes += 1;
    return {
      key,
      size,
      etag: `"${this.#writes}"`,
      lastModified: lastModified ?? timeOf(this.#writes),
      ...(this.#options.versions === true ? { version: `v${this.#writes}` } : {}),
      ...(contentType === undefined ? {} : { contentType }),
      ...(metadata === undefined ? {} : { metadata: lowerCased(metadata) }),
    };
  }

  #keep(key: string, stored: Stored): void {
    const before = this.#options.versions === true ? (this.#objects.get(key) ?? []) : [];
    this.#objects.set(key, [...before, stored]);
  }

  #remove(key: string, version: string | undefined): void {
    const all = this.#objects.get(key);
    if (all === undefined) return;
    if (version !== undefined) {
      const left = all.filter(({ info }) => info.version !== version);
      if (left.length === 0) this.#objects.delete(key);
      else this.#objects.set(key, left);
    } else if (this.#options.versions === true) {
      this.#keep(key, { info: this.#describe(key, 0, {}), bytes: undefined });
    } else {
      this.#objects.delete(key);
    }
  }

  #current(key: string): Stored | undefined {
    const newest = this.#objects.get(key)?.at(-1);
    return newest?.bytes === undefined ? undefined : newest;
  }

  #lookUp(key: string, version: string | undefined): Stored | undefined {
    if (version === undefined) return this.#current(key);
    const found = this.#objects.get(key)?.find(({ info }) => info.version === version);
    return found?.bytes === undefined ? undefined : found;
  }

  #find(key: string, version: string | undefined): Stored {
    const found = this.#lookUp(key, version);
    if (found === undefined) throw new ObjectNotFoundError(this.location, key);
    return found;
  }
}

function timeOf(writes: number): string {
  return new Date(epoch + writes * 1000).toISOString();
}

function shown({ info, tags }: Stored, isAsked: boolean | undefined): ObjectInfo {
  return isAsked === true && tags !== undefined ? { ...info, tags } : info;
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function bare({ contentType: _contentType, metadata: _metadata, ...info }: ObjectInfo): ObjectInfo {
  return info;
}

function lowerCased(metadata: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name.toLowerCase(), value]));
}

function* pieces(bytes: Buffer, size: number): Generator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function collect(
  body: Uint8Array | AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  if (body instanceof Uint8Array) return Buffer.from(body);
  const chunks: Buffer[] = [];
  for await (const chunk of body) {
    signal?.throwIfAborted();
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}
