import { type Interval, LcbError } from '@lcb/core';
import type { Bucket } from './bucket.ts';
import { sendByWire } from './send.ts';
import { headerOf } from './wire/exchange.ts';

/** The server's clock, of which an answer shows the whole seconds; objects carry their times from it in whole seconds, too. */
export async function serverTime(bucket: Bucket): Promise<Interval> {
  const answer = await sendByWire(bucket, {}, { method: 'HEAD' });
  const milliseconds = Date.parse(headerOf(answer, 'date') ?? '');
  if (Number.isNaN(milliseconds)) {
    throw new LcbError({
      code: 'objectStore.failed',
      message: `The server of ${bucket.location} does not say what time it has. Take the strategy databaseFirst.`,
    });
  }
  const iso = (time: number) => new Date(time).toISOString();
  return { from: iso(milliseconds), to: iso(milliseconds + 999) };
}
