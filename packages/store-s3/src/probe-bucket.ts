import { LcbError } from '@lcb/core';
import type { Bucket } from './bucket.ts';
import { listObjects } from './list-objects.ts';

/** A bucket may be empty; a prefix that nothing has is one that was mistyped. */
export async function probeBucket(bucket: Bucket): Promise<void> {
  for await (const { length } of listObjects(bucket, { atMost: 1 })) if (length > 0) return;
  if (bucket.prefix === '') return;
  throw new LcbError({
    code: 'objectStore.locationMissing',
    message: `There is nothing below ${bucket.location}: the bucket exists, but no key in it begins with ${JSON.stringify(bucket.prefix)}. Correct the location.`,
  });
}
