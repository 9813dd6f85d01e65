import type { Readable } from 'node:stream';
import type { Interval } from '../model/values.ts';

/** One object as a listing or a `head` shows it. */
export interface ObjectInfo {
  /** Exactly as the store holds it. Sorted listings are in the order of the key's UTF-8 bytes. */
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Opaque; differs whenever the bytes may differ. */
  readonly etag: string;
  /** In stores that keep versions, the one that is meant. */
  readonly version?: string;
  /** RFC 3339, UTC, milliseconds. */
  readonly lastModified: string;
  readonly contentType?: string;
  /** The user's own metadata, names in lower case. Listings may leave it out; `head` and `get` may not. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** The object's tags, where the store has them and {@link ReadOptions.tags} asked. Absent where there are none. Never in a listing. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** One version of an object, or the marker that a removal left where versions are kept. */
export interface ObjectVersion {
  readonly key: string;
  /** To be passed to `get`, `head` and `deleteMany`. In a bucket that never kept versions `null`, as text. */
  readonly version: string;
  /** Is it what a reader without a version sees? Of a marker: is the object hidden by it? */
  readonly isLatest: boolean;
  readonly isDeleteMarker: boolean;
  /** Bytes; 0 of a marker. */
  readonly size: number;
  /** Empty of a marker. */
  readonly etag: string;
  /** RFC 3339, UTC, milliseconds. */
  readonly lastModified: string;
  /** It lies where it has to be fetched from for hours before it can be read. */
  readonly isArchived?: true;
}

export interface ListOptions {
  readonly prefix?: string;
  /** Keys after this one only (exclusive), by UTF-8 bytes. */
  readonly startAfter?: string;
  /** The caller leaves after so many entries: no more are asked for ahead of it. A hint; the listing itself goes on. */
  readonly atMost?: number;
}

export interface ReadOptions {
  readonly version?: string;
  /** Read only if the object's etag is this one. */
  readonly ifMatch?: string;
  /** Answer with the object's tags too. Costs a request more where the object has some, or the store does not count them. */
  readonly tags?: boolean;
}

export type HeadOptions = Omit<ReadOptions, 'ifMatch'>;

/** What an object carries beside its bytes. */
export interface ObjectDescription {
  readonly contentType?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface WriteOptions extends ObjectDescription {
  /** The chunks of the body are lent, as those of {@link LentObject}: what is kept of one is copied before the next is asked for. */
  readonly lent?: boolean;
  /** Bytes of the body, where they are known: a store that writes in parts chooses their size by it. No promise. */
  readonly size?: number;
  /** RFC 3339. Kept where a store can set it (a file system); elsewhere the index keeps it. */
  readonly lastModified?: string;
  /** Create, never replace. */
  readonly ifNoneMatch?: '*';
  readonly signal?: AbortSignal;
}

/** What a write left behind: the bytes counted and hashed on their way in. */
export interface StoredObject {
  readonly size: number;
  readonly etag: string;
  readonly version?: string;
  readonly checksum: Checksum;
}

export interface Checksum {
  readonly algorithm: 'sha256';
  /** Lower-case hexadecimal. */
  readonly value: string;
}

/** A copy that the server itself makes. What it copies is never chosen by `ifNoneMatch`: a repeated copy replaces its own. */
export interface CopyOptions {
  readonly version?: string;
  /** Copy only if the source's etag is this one. */
  readonly ifMatch?: string;
  /** Bytes of the source, as it was listed. */
  readonly size: number;
  /**
   * Content type, metadata and tags of the copy, instead of those that the source has: what is left out here, the copy has not. Other
   * headers that the store may keep (`Cache-Control`) are the source's all the same.
   */
  readonly description?: ObjectDescription;
  readonly signal?: AbortSignal;
}

export interface OpenObject {
  readonly info: ObjectInfo;
  /** To be consumed or destroyed by the caller. */
  readonly body: Readable;
}

/** An object's bytes for a reader that is done with each chunk before it asks for the next, whose memory is then used again. */
export interface LentObject {
  readonly info: ObjectInfo;
  /** To be consumed or destroyed by the caller. */
  readonly body: LentBody;
}

/** Read by one `for await`. A chunk is what it is until the next is asked for; whoever keeps it copies it. */
export interface LentBody extends AsyncIterable<Uint8Array> {
  /** What reading failed with. */
  readonly errored: Error | null;
  destroy(): void;
}

export interface LendOptions extends ReadOptions {
  /** Bytes, as they were listed: a store chooses by them how to read. No promise. */
  readonly size: number;
}

/**
 * Objects under one location: a bucket, a prefix of one, a folder. Implementations are safe to use concurrently,
 * retry nothing by themselves beyond what their client does, and map errors to our own:
 *
 * - `ObjectNotFoundError` for a key or version that is not there,
 * - `PreconditionFailedError` when `ifMatch` or `ifNoneMatch` does not hold,
 * - `KeyRefusedError` for a key that the store can't hold,
 * - otherwise an `LcbError` that says whether it is `retryable` (throttled, timed out, connection lost).
 */
export interface ObjectStore {
  /** The URL that this store was opened with, for messages and manifests. Never carries a credential. */
  readonly location: string;

  /**
   * Does the location exist, and may we read it? A listing of a location that does not exist may be empty; a source that is
   * empty because it was mistyped must not become an empty backup. In a bucket, a prefix that nothing has does not exist. @throws LcbError `objectStore.locationMissing`, `objectStore.denied`
   */
  probe(): Promise<void>;

  /** Every object under the prefix, once, as a stream sorted by the UTF-8 bytes of the key. Flat memory for any number. */
  list(options?: ListOptions): AsyncIterable<ObjectInfo>;

  /**
   * Every version and every delete marker under the prefix, sorted by the UTF-8 bytes of the key, newest first within a key. Flat
   * memory. Only of stores that may keep versions; where this bucket keeps none, each object once.
   */
  listVersions?(options?: ListOptions): AsyncIterable<ObjectVersion>;

  /** Does the bucket keep versions of what is replaced or removed? `suspended`: it did, and older ones may still be there. Only of stores that may. @throws LcbError where the answer is refused: the caller then assumes that it may. */
  versioning?(): Promise<'enabled' | 'suspended' | 'never'>;

  /** The object's description, or `undefined` where there is none. */
  head(key: string, options?: HeadOptions): Promise<ObjectInfo | undefined>;

  /** Opens the object for reading. A body that ends early fails the stream; it never ends silently short. */
  get(key: string, options?: ReadOptions): Promise<OpenObject>;

  /**
   * As `get`, for bytes that only pass through: hashed, written elsewhere. A large object then takes the memory of some chunks, however
   * slowly garbage is collected. Only of stores that gain by it: see `openLent`.
   */
  lend?(key: string, options: LendOptions): Promise<LentObject>;

  /**
   * Writes an object. It becomes visible whole, once the body has ended, or not at all: when the body fails or the
   * signal fires, nothing is left. With `ifNoneMatch: '*'` exactly one of any number of racing writers succeeds.
   */
  put(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    options?: WriteOptions,
  ): Promise<StoredObject>;

  /**
   * Copies an object of another store (or of this one) into this store without its bytes passing through here, whatever its
   * size: content type, metadata and tags go with it, unless others are wanted. Only of stores whose server can. The checksum is of the bytes as they
   * are stored here, by the server's word or by reading them back.
   *
   * @returns `undefined`, and nothing is written, where the server can't reach that source: another kind of store, another
   *   server or account. The caller then streams
   * @throws ObjectNotFoundError, PreconditionFailedError about the source
   */
  copyFrom?(
    source: ObjectStore,
    sourceKey: string,
    targetKey: string,
    options: CopyOptions,
  ): Promise<StoredObject | undefined>;

  /**
   * How many copies from that store the server may be asked for at once; the store itself holds them back to what the server bears.
   * `undefined` where it copies nothing from there: what is streamed takes memory here.
   */
  copiesAtOnce?(source: ObjectStore): number | undefined;

  /**
   * Removes objects, by version where one is given. A key that is not there is no error. Without a version, a store that keeps
   * versions only hides the object.
   */
  deleteMany(objects: AsyncIterable<ObjectRef> | Iterable<ObjectRef>): Promise<void>;

  /**
   * Now, by the clock that gives objects their `lastModified`: what is written at this moment carries a time within the interval, which is as
   * wide as those times are coarse. Of stores that keep versions.
   */
  now?(): Promise<Interval>;

  /** Bytes that may still be written, where the store has an end; a bucket has none. */
  freeBytes?(): Promise<number>;

  /**
   * Why this store can't hold an object of this key, or `undefined` if it can. No request is made. `beside` is the key of another
   * object, of which `key` would lie below as in a folder (`a` for `a/b`): a file system can't hold both.
   */
  refuses(key: string, beside?: string): string | undefined;
}

export interface ObjectRef {
  readonly key: string;
  readonly version?: string;
}
