import {
  type CopyOptions,
  type HeadOptions,
  type Interval,
  LcbError,
  type LendOptions,
  type LentObject,
  type ListOptions,
  listAhead,
  type ObjectInfo,
  type ObjectRef,
  type ObjectStore,
  type ObjectVersion,
  type OpenObject,
  type ReadOptions,
  type StoredObject,
  type WriteOptions,
} from '@lcb/core';
import { type Bucket, bucketAt, refusedKey } from './bucket.ts';
import { bucketVersioning } from './bucket-versioning.ts';
import { copyObject } from './copy-object.ts';
import { deleteObjects } from './delete-objects.ts';
import { getObject } from './get-object.ts';
import { headObject } from './head-object.ts';
import { lendObject } from './lend-object.ts';
import { listObjects, pageSize } from './list-objects.ts';
import { listVersions } from './list-versions.ts';
import { probeBucket } from './probe-bucket.ts';
import { putObject } from './put-object.ts';
import type { S3Connection } from './s3-connection.ts';
import { isRefusal } from './s3-error.ts';
import { serverTime } from './server-time.ts';

/** Of a large bucket so many pages are asked for at once: a single one after the other waits for the server. */
const ahead = { pageSize, ranges: 8, pages: 8 };

/**
 * A bucket, or a prefix of one, of any server that speaks S3.
 *
 * - Etags are without their quotes, times in whole seconds, as headers tell them. A time can't be set; the backup's index keeps it.
 * - `put` with `ifNoneMatch` may fail although it wrote: when the answer is lost, the client asks again and finds its own object. Read
 *   it to know.
 * - A listing shows no versions; `listVersions` does.
 *
 * @param location `s3://bucket` or `s3://bucket/prefix` @throws InvalidRequestError for any other
 */
export function s3Store(location: string, connection: S3Connection): ObjectStore {
  return new S3Store(bucketAt(location, connection));
}

class S3Store implements ObjectStore {
  readonly location: string;
  readonly #bucket: Bucket;
  /** Accounts whose objects this server does not copy for us, as it has said. */
  readonly #refusedSources = new Set<string>();

  constructor(bucket: Bucket) {
    this.location = bucket.location;
    this.#bucket = bucket;
  }

  probe(): Promise<void> {
    return probeBucket(this.#bucket);
  }

  list(options: ListOptions = {}): AsyncIterable<ObjectInfo> {
    return listAhead((range) => listObjects(this.#bucket, range), options, ahead);
  }

  listVersions(options: ListOptions = {}): AsyncIterable<ObjectVersion> {
    return listAhead((range) => listVersions(this.#bucket, range), options, ahead);
  }

  versioning(): Promise<'enabled' | 'suspended' | 'never'> {
    return bucketVersioning(this.#bucket);
  }

  now(): Promise<Interval> {
    return serverTime(this.#bucket);
  }

  head(key: string, options: HeadOptions = {}): Promise<ObjectInfo | undefined> {
    return headObject(this.#bucket, key, options);
  }

  get(key: string, options: ReadOptions = {}): Promise<OpenObject> {
    return getObject(this.#bucket, key, options);
  }

  lend(key: string, options: LendOptions): Promise<LentObject> {
    return lendObject(this.#bucket, key, options);
  }

  put(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    options: WriteOptions = {},
  ): Promise<StoredObject> {
    return putObject(this.#bucket, key, body, options);
  }

  async copyFrom(
    source: ObjectStore,
    sourceKey: string,
    targetKey: string,
    options: CopyOptions,
  ): Promise<StoredObject | undefined> {
    const from = this.#copiesFrom(source);
    if (from === undefined) return undefined;
    try {
      return await copyObject({ bucket: from, key: sourceKey }, this.#bucket, targetKey, options);
    } catch (error) {
      // Rights to read and rights to write may lie apart, and not every server copies: streaming then works or says why not.
      if (!LcbError.isInstance(error) || !isRefusal(error)) throw error;
      this.#refusedSources.add(from.location);
      return undefined;
    }
  }

  copiesAtOnce(source: ObjectStore): number | undefined {
    return this.#copiesFrom(source) === undefined ? undefined : this.#bucket.connection.requestsAtOnce;
  }

  /** The bucket of a store that this server reaches with these rights, as far as it is known. */
  #copiesFrom(source: ObjectStore): Bucket | undefined {
    if (!(source instanceof S3Store)) return undefined;
    const from = source.#bucket;
    const isReached = from.connection.account === this.#bucket.connection.account;
    return isReached && !this.#refusedSources.has(from.location) ? from : undefined;
  }

  deleteMany(objects: AsyncIterable<ObjectRef> | Iterable<ObjectRef>): Promise<void> {
    return deleteObjects(this.#bucket, objects);
  }

  refuses(key: string): string | undefined {
    return refusedKey(this.#bucket, key);
  }
}
