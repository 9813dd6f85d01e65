import { ListObjectsV2Command, type ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import type { ListOptions, ObjectInfo } from '@lcb/core';
import type { Bucket } from './bucket.ts';
import { listedKey } from './listed-key.ts';
import { noListing } from './no-listing.ts';
import { plainEtag, wholeSeconds } from './object-info.ts';
import { send } from './send.ts';

/** Page after page, the next one asked for while this one is read. S3 lists in the order of the keys' UTF-8 bytes. */
export async function* listObjects(bucket: Bucket, options: ListOptions): AsyncGenerator<ObjectInfo> {
  const { prefix = '', startAfter } = options;
  const page = (token?: string): Promise<ListObjectsV2CommandOutput> =>
    send(bucket, {}, (client, control) =>
      client.send(
        new ListObjectsV2Command({
          Bucket: bucket.name,
          Prefix: bucket.prefix + prefix,
          EncodingType: 'url',
          ...(startAfter === undefined ? {} : { StartAfter: bucket.prefix + startAfter }),
          ...(token === undefined ? {} : { ContinuationToken: token }),
        }),
        control,
      ),
    );
  let next: Promise<ListObjectsV2CommandOutput> | undefined = page();
  while (next !== undefined) {
    const answer: ListObjectsV2CommandOutput = await next;
    const { Contents = [], EncodingType, IsTruncated, NextContinuationToken } = answer;
    if (IsTruncated === undefined) throw noListing(bucket.location, 'the answer is no listing');
    if (IsTruncated && NextContinuationToken === undefined)
      throw noListing(bucket.location, 'the listing breaks off without saying where it goes on');
    next = IsTruncated ? page(NextContinuationToken) : undefined;
    // Thrown when its turn comes; whoever leaves early does not hear of it.
    next?.catch(() => undefined);
    for (const { Key, Size = 0, ETag, LastModified } of Contents) {
      yield {
        key: listedKey(bucket, prefix, Key, EncodingType),
        size: Size,
        etag: plainEtag(ETag),
        lastModified: wholeSeconds(LastModified),
      };
    }
  }
}
