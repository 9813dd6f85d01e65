import { LcbError, type LendOptions, type LentObject } from '@lcb/core';
import { type Bucket, fullKey } from './bucket.ts';
import { describedByHeaders } from './described-by-headers.ts';
import { getObject } from './get-object.ts';
import { quotedEtag } from './object-info.ts';
import { where } from './s3-error.ts';
import { lendByWire } from './send.ts';
import { tagsOf } from './tags.ts';
import type { LentAnswer } from './wire/lent-socket.ts';

/** Bytes. A smaller object is not worth a connection of its own. */
const worthLending = 4 * 2 ** 20;

export async function lendObject(bucket: Bucket, key: string, options: LendOptions): Promise<LentObject> {
  const answer = options.size < worthLending ? undefined : await lent(bucket, key, options);
  if (answer === undefined) return getObject(bucket, key, options);
  const { head, size, body } = answer;
  try {
    const { info, tagCount } = describedByHeaders(key, head, size);
    const { version, tags } = options;
    const object = {
      Bucket: bucket.name,
      Key: fullKey(bucket, key),
      ...(version === undefined ? {} : { VersionId: version }),
    };
    // Every server counts them here, and says nothing where there are none.
    const found = tags === true ? await tagsOf(bucket, { key }, object, tagCount ?? 0) : undefined;
    return { info: found === undefined ? info : { ...info, tags: found }, body };
  } catch (error) {
    body.destroy();
    throw error;
  }
}

/** Nothing where it does not come at once: the client then says why, or has more patience. */
async function lent(
  bucket: Bucket,
  key: string,
  { version, ifMatch }: LendOptions,
): Promise<LentAnswer | undefined> {
  try {
    return await lendByWire(bucket, { key }, fullKey(bucket, key), {
      query: { versionId: version },
      headers: { 'if-match': ifMatch === undefined ? undefined : quotedEtag(ifMatch) },
      broken: (reason, position, size) =>
        new LcbError({
          code: 'objectStore.unavailable',
          message: `${where(bucket.location, key)}: ${reason} after ${position} of ${size} bytes. Read it again.`,
          retryable: true,
        }),
    });
  } catch (error) {
    if (LcbError.isInstance(error) && error.retryable) return undefined;
    throw error;
  }
}
