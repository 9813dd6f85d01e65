import { LcbError } from '@lcb/core';

/**
 * What comes with 200 is no listing, or half of one: a page of something between here and the server, or an end that says that there is
 * more but not where. Taken for a listing it would be an empty bucket, and a backup of nothing.
 */
export function noListing(where: string, what: string): LcbError {
  return new LcbError({
    code: 'objectStore.noListing',
    message: `${where}: ${what}. Check the endpoint, and what stands between here and the server.`,
    retryable: true,
  });
}
