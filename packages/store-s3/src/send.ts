import type { S3Client } from '@aws-sdk/client-s3';
import type { Bucket } from './bucket.ts';
import { type AskedObject, s3Error } from './s3-error.ts';
import type { Answer } from './wire/exchange.ts';
import type { LentAnswer } from './wire/lent-socket.ts';
import type { LendRequest, WireRequest } from './wire/wire.ts';

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

/** Makes a request by the SDK's client, with a time-out; its errors become ours. When the signal has fired, its reason is thrown. */
export async function send<T>(
  bucket: Bucket,
  sending: Sending,
  request: (client: S3Client, options: { abortSignal: AbortSignal; requestTimeout: number }) => Promise<T>,
): Promise<T> {
  const { client } = bucket.connection;
  const requestTimeout = timeOf(bucket, sending);
  // The client's time-out ends with the headers of an answer. What comes after them (a list of tags, or the end of a long upload) is read
  // by the client, too, and may stop. So all of its tries together have a time: one try more than it makes, for the pauses in between.
  const tries = (await client.config.maxAttempts()) + 1;
  return throughGate(bucket, sending, async () => {
    const deadline = deadlineOf(tries, requestTimeout, sending.signal);
    try {
      return await request(client, { requestTimeout, abortSignal: deadline.signal });
    } catch (error) {
      throw deadline.signal.aborted ? deadline.signal.reason : error;
    } finally {
      // A body that is handed on open, as that of an object, has a time-out of its own.
      deadline.clear();
    }
  });
}

/** Makes a request by the short way. Each of its tries has a time, to the end of the answer. */
export function sendByWire(bucket: Bucket, sending: Sending, request: WireRequest): Promise<Answer> {
  const requestTimeout = timeOf(bucket, sending);
  const { signal } = sending;
  return throughGate(bucket, sending, (onThrottled) =>
    bucket.wire.request(request, { signal, requestTimeout, onThrottled }),
  );
}

/** Opens an object by the short way, once. */
export function lendByWire(
  bucket: Bucket,
  sending: Sending,
  key: string,
  request: Omit<LendRequest, 'milliseconds'>,
): Promise<LentAnswer | undefined> {
  const milliseconds = timeOf(bucket, {});
  return throughGate(bucket, sending, () => bucket.wire.lend(key, { ...request, milliseconds }));
}

function timeOf({ connection }: Bucket, { bytes = 0 }: Sending): number {
  return connection.requestMilliseconds + Math.ceil(bytes / bytesPerMillisecond);
}

/** When its turn has come; errors become ours. */
async function throughGate<T>(
  { location, connection }: Bucket,
  { key, signal, object }: Sending,
  work: (onThrottled: () => void) => Promise<T>,
): Promise<T> {
  const { gate } = connection;
  await gate.enter(signal);
  let isThrottled = false;
  let isDone = false;
  try {
    const answer = await work(() => {
      isThrottled = true;
    });
    isDone = true;
    return answer;
  } catch (error) {
    signal?.throwIfAborted();
    throw s3Error(location, key, error, object);
  } finally {
    gate.leave(isThrottled ? 'throttled' : isDone ? 'done' : 'failed');
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
