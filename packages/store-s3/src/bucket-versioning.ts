import { LcbError } from '@lcb/core';
import type { Bucket } from './bucket.ts';
import { noListing } from './no-listing.ts';
import { sendByWire } from './send.ts';
import { isDocumentOf, textOf } from './wire/xml.ts';

/**
 * What the bucket does with what is replaced or removed; `GetBucketVersioning`. A bucket that never kept versions answers without a
 * word about them, so only a whole document of that kind is believed: silence of anything else would pass for it.
 *
 * @throws LcbError `objectStore.denied` without `s3:GetBucketVersioning`, `objectStore.notOffered` of a server that does not know the question
 */
export async function bucketVersioning(bucket: Bucket): Promise<'enabled' | 'suspended' | 'never'> {
  const { body: xml } = await sendByWire(bucket, {}, { method: 'GET', query: { versioning: '' } });
  if (!isDocumentOf(xml, 'VersioningConfiguration'))
    throw noListing(bucket.location, 'the answer does not say whether versions are kept');
  const status = textOf(xml, 'Status');
  switch (status) {
    case 'Enabled':
      return 'enabled';
    case 'Suspended':
      return 'suspended';
    case undefined:
    case '':
      return 'never';
    default:
      throw new LcbError({
        code: 'objectStore.failed',
        message: `${bucket.location} says of its versions ${JSON.stringify(status)}, which means nothing here.`,
      });
  }
}
