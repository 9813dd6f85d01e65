import type { S3Client } from '@aws-sdk/client-s3';
import type { Bucket } from './bucket.ts';
import { type AskedObject, s3Error } from './s3-error.ts';
import type { WireControl } from './wire/wire.ts';

/** The slowest connection that is still one: beside the time for an answer, a request has as long as its bytes need at this rate. */
const bytesPerMillisecond = 64;

export interface Sending {
  /** The store's key, for messages. */
  readonly key?: string;
  /** Bytes that the request carries, or that the server has to copy before it answers. */
  readonly bytes?: number;
  readonly signal?: AbortSignal | undefined;
  /** Of a request that is about one object and nothing else. */
  readonly object?: AskedObject;
}

/** Makes a request with a time-out; its errors become ours. When the signal has fired, its reason is thrown. */
export async function send<T>(
  { location, connection }: Bucket,
  { key, bytes = 0, signal, object }: Sending,
  request: (client: S3Client, control: WireControl) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const { client } = connection;
  const requestTimeout = connection.requestMilliseconds + Math.ceil(bytes / bytesPerMillisecond);
  // The client's time-out ends with the headers of an answer. What comes after them (a listing, or the end of a long copy) is read by
  // the client, too, and may stop. So all of its tries together have a time: one try more than it makes, for the pauses in between.
  await connection.gate.enter(signal);
  const deadline = deadlineOf((await client.config.maxAttempts()) + 1, requestTimeout, signal);
  let outcome: 'done' | 'throttled' | 'failed' = 'failed';
  const control = {
    requestTimeout,
    abortSignal: deadline.signal,
    onThrottled: () => {
      outcome = 'throttled';
    },
  };
  try {
    const answer = await request(client, control);
    if (outcome === 'failed') outcome = 'done';
    return answer;
  } catch (error) {
    signal?.throwIfAborted();
    throw s3Error(location, key, deadline.signal.aborted ? deadline.signal.reason : error, object);
  } finally {
    // A body that is handed on open, as that of an object, has a time-out of its own.
    deadline.clear();
    connection.gate.leave(outcome);
  }
}

interface Deadline {
  readonly signal: AbortSignal;
  /** Nothing is left of it: neither a timer nor a listener of a signal that lives as long as a run. */
  readonly clear: () => void;
}

function deadlineOf(tries: number, milliseconds: number, signal: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => {
    const silence = new Error(`there was no whole answer in ${(tries * milliseconds) / 1000} s`);
    silence.name = 'TimeoutError';
    controller.abort(silence);
  }, tries * milliseconds);
  return {
    signal: controller.signal,
    clear: () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    },
  };
}
