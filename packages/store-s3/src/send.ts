import type { S3Client } from '@aws-sdk/client-s3';
import type { Bucket } from './bucket.ts';
import { s3Error } from './s3-error.ts';

/** The slowest connection that is still one: beside the time for an answer, a request has as long as its bytes need at this rate. */
const bytesPerMillisecond = 64;

export interface Sending {
  /** The store's key, for messages. */
  readonly key?: string;
  /** Bytes that the request carries, or that the server has to copy before it answers. */
  readonly bytes?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Makes a request with a time-out; its errors become ours. When the signal has fired, its reason is thrown. */
export async function send<T>(
  { location, connection }: Bucket,
  { key, bytes = 0, signal }: Sending,
  request: (client: S3Client, options: { abortSignal?: AbortSignal; requestTimeout: number }) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const requestTimeout = connection.requestMilliseconds + Math.ceil(bytes / bytesPerMillisecond);
  try {
    return await request(connection.client, {
      requestTimeout,
      ...(signal === undefined ? {} : { abortSignal: signal }),
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw s3Error(location, key, error);
  }
}
