import { InvalidRequestError, KeyRefusedError, s3LocationProblem } from '@lcb/core';
import type { S3Connection } from './s3-connection.ts';
import { Wire } from './wire/wire.ts';

/** Bytes of the longest key that S3 takes. */
const longestKey = 1024;

/** A bucket, or a prefix in one: the only place where the keys of a store become those of the bucket. */
export interface Bucket {
  readonly location: string;
  readonly name: string;
  /** Empty, or with a slash at its end. */
  readonly prefix: string;
  readonly connection: S3Connection;
  /** The short way to it. */
  readonly wire: Wire;
}

/** @throws InvalidRequestError when the location is not a bucket's */
export function bucketAt(location: string, connection: S3Connection): Bucket {
  const problem = s3LocationProblem(location);
  if (problem !== undefined) throw new InvalidRequestError(`${JSON.stringify(location)} ${problem}.`);
  const [name = '', ...path] = location.slice('s3://'.length).replace(/\/+$/, '').split('/');
  const prefix = path.length === 0 ? '' : `${path.join('/')}/`;
  return { location, name, prefix, connection, wire: new Wire(name, connection) };
}

/** @throws KeyRefusedError */
export function fullKey(bucket: Bucket, key: string): string {
  const reason = refusedKey(bucket, key);
  if (reason !== undefined) throw new KeyRefusedError(bucket.location, key, reason);
  return bucket.prefix + key;
}

/** A bucket holds any key of up to 1,024 bytes; names that are folders elsewhere are only names here. */
export function refusedKey(bucket: Bucket, key: string): string | undefined {
  if (key === '') return 'it is empty.';
  if (!key.isWellFormed()) return 'it is not valid Unicode.';
  const bytes = Buffer.byteLength(bucket.prefix + key);
  return bytes > longestKey ? `with its prefix it has ${bytes} bytes, more than ${longestKey}.` : undefined;
}
