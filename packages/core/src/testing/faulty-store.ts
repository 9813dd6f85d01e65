import { Readable } from 'node:stream';
import type {
  HeadOptions,
  ListOptions,
  ObjectInfo,
  ObjectRef,
  ObjectStore,
  OpenObject,
  ReadOptions,
  StoredObject,
  WriteOptions,
} from '../ports/object-store.ts';
import { toArray } from './streams.ts';

export type StoreOperation = 'probe' | 'list' | 'head' | 'get' | 'put' | 'deleteMany';

/** What happens instead of, or just before, one call. Throwing fails the call. */
type Interception = (key: string | undefined) => Promise<void> | void;

interface Planned {
  readonly operation: StoreOperation;
  readonly key: string | undefined;
  left: number;
  readonly act: Interception;
}

/** Wraps a store and misbehaves on command, and only then. */
export class FaultyStore implements ObjectStore {
  readonly location: string;
  readonly listVersions?: NonNullable<ObjectStore['listVersions']>;
  readonly versioning?: NonNullable<ObjectStore['versioning']>;
  readonly #store: ObjectStore;
  readonly #calls = new Map<StoreOperation, number>();
  #planned: Planned[] = [];
  #listing: ((infos: ObjectInfo[]) => ObjectInfo[]) | undefined;
  readonly #bodies = new Map<string, (source: AsyncIterable<Buffer>) => AsyncIterable<Buffer>>();

  constructor(store: ObjectStore) {
    this.#store = store;
    this.location = store.location;
    const { listVersions, versioning } = store;
    if (listVersions !== undefined) this.listVersions = (options) => listVersions.call(store, options);
    if (versioning !== undefined) this.versioning = () => versioning.call(store);
  }

  calls(operation: StoreOperation): number {
    return this.#calls.get(operation) ?? 0;
  }

  /** Fails the nth call from now on (1 is the next one), of this key only where one is named. */
  fail(operation: StoreOperation, nth: number, error: unknown, key?: string): void {
    this.before(operation, nth, () => Promise.reject(error), key);
  }

  /** Does something just before the nth call: removes or replaces the object between listing and reading it. */
  before(operation: StoreOperation, nth: number, act: Interception, key?: string): void {
    this.#planned.push({ operation, key, left: nth, act });
  }

  /** Lies about what is there: unsorted, stale, without an object, with another size. */
  liesInListings(change: (infos: ObjectInfo[]) => ObjectInfo[]): void {
    this.#listing = change;
  }

  /** Ends the body of this object early, without a word. */
  truncates(key: string, bytes: number): void {
    this.#bodies.set(key, async function* cut(source) {
      let left = bytes;
      for await (const chunk of source) {
        if (left > 0) yield chunk.subarray(0, left);
        left -= chunk.length;
      }
    });
  }

  /** Fails the body of this object after so many bytes. */
  breaksOff(key: string, bytes: number, error: unknown): void {
    this.#bodies.set(key, async function* broken(source) {
      let left = bytes;
      for await (const chunk of source) {
        if (left > 0) yield chunk.subarray(0, left);
        left -= chunk.length;
        if (left <= 0) break;
      }
      throw error;
    });
  }

  /** Turns one bit of what is read; what is stored stays as it is. */
  flips(key: string, offset: number): void {
    this.#bodies.set(key, async function* flipped(source) {
      let position = 0;
      for await (const chunk of source) {
        const copy = Buffer.from(chunk);
        const at = offset - position;
        if (at >= 0 && at < copy.length) copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
        position += chunk.length;
        yield copy;
      }
    });
  }

  /** Never ends the body of this object. `read` is told how many bytes were taken. */
  neverEnds(key: string, read: (bytes: number) => void): void {
    this.#bodies.set(key, async function* endless(source) {
      yield* source;
      const chunk = Buffer.alloc(1024);
      for (let bytes = 0; ; bytes += chunk.length) {
        read(bytes);
        yield chunk;
      }
    });
  }

  async probe(): Promise<void> {
    await this.#intercept('probe', undefined);
    return this.#store.probe();
  }

  async *list(options?: ListOptions): AsyncGenerator<ObjectInfo> {
    await this.#intercept('list', options?.prefix);
    if (this.#listing === undefined) return yield* this.#store.list(options);
    yield* this.#listing(await toArray(this.#store.list(options)));
  }

  async head(key: string, options?: HeadOptions): Promise<ObjectInfo | undefined> {
    await this.#intercept('head', key);
    return this.#store.head(key, options);
  }

  async get(key: string, options?: ReadOptions): Promise<OpenObject> {
    await this.#intercept('get', key);
    const opened = await this.#store.get(key, options);
    const change = this.#bodies.get(key);
    if (change === undefined) return opened;
    return { info: opened.info, body: Readable.from(change(opened.body), { objectMode: false }) };
  }

  async put(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    options?: WriteOptions,
  ): Promise<StoredObject> {
    await this.#intercept('put', key);
    return this.#store.put(key, body, options);
  }

  async deleteMany(objects: AsyncIterable<ObjectRef> | Iterable<ObjectRef>): Promise<void> {
    await this.#intercept('deleteMany', undefined);
    return this.#store.deleteMany(objects);
  }

  refuses(key: string, beside?: string): string | undefined {
    return this.#store.refuses(key, beside);
  }

  async #intercept(operation: StoreOperation, key: string | undefined): Promise<void> {
    this.#calls.set(operation, this.calls(operation) + 1);
    const mine = this.#planned.filter(
      (planned) => planned.operation === operation && (planned.key === undefined || planned.key === key),
    );
    for (const planned of mine) planned.left -= 1;
    this.#planned = this.#planned.filter(({ left }) => left > 0);
    for (const { left, act } of mine) {
      if (left === 0) await act(key);
    }
  }
}
