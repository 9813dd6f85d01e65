import { LcbError } from '@lcb/core';
import type { Bucket } from './bucket.ts';
import { where } from './s3-error.ts';

/**
 * Every write is answered with the etag of what was written. What comes with 200 and without one is not the server's: a page of something
 * between here and there. Taken for done, the object would be missed only when somebody needs it. @throws LcbError `objectStore.notConfirmed`
 */
export function confirmed<T extends { readonly ETag?: string | undefined }>(
  bucket: Bucket,
  key: string,
  answer: T | undefined,
): T & { readonly ETag: string } {
  const etag = answer?.ETag;
  if (answer === undefined || etag === undefined || etag === '') {
    throw new LcbError({
      code: 'objectStore.notConfirmed',
      message: `${where(bucket.location, key)}: the answer to a write does not say what was written. Check the endpoint, and what stands between here and the server.`,
      retryable: true,
    });
  }
  return { ...answer, ETag: etag };
}
