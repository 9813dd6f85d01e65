import type { ListOptions, ObjectInfo } from '@lcb/core';
import type { Bucket } from './bucket.ts';
import { listedKey } from './listed-key.ts';
import { noListing } from './no-listing.ts';
import { plainEtag, wholeSeconds } from './object-info.ts';
import { sendByWire } from './send.ts';
import { elementsOf, isDocumentOf, textOf, without } from './wire/xml.ts';

/** What S3 answers with at most, unless it is asked for less. */
export const pageSize = 1000;

/** Page by page, the next one asked for while this one is read. S3 lists in the order of the keys' UTF-8 bytes. */
export async function* listObjects(
  bucket: Bucket,
  options: ListOptions,
): AsyncGenerator<readonly ObjectInfo[]> {
  const { prefix = '', startAfter, atMost = pageSize } = options;
  const page = async (token?: string): Promise<string> => {
    const query = {
      'list-type': '2',
      'encoding-type': 'url',
      'max-keys': atMost < pageSize ? String(atMost) : undefined,
      prefix: bucket.prefix + prefix,
      'start-after': startAfter === undefined ? undefined : bucket.prefix + startAfter,
      'continuation-token': token,
    };
    const answer = await sendByWire(bucket, {}, { method: 'GET', query });
    return answer.body;
  };
  let next: Promise<string> | undefined = page();
  while (next !== undefined) {
    const xml: string = await next;
    const end = endOfPage(bucket, xml, 'ListBucketResult', ['Contents']);
    const token = textOf(end, 'NextContinuationToken');
    const isTruncated = goesOn(bucket, end);
    if (isTruncated && !token) throw brokenOff(bucket);
    // Who wants few leaves now.
    const goOn = () => {
      next = isTruncated ? page(token) : undefined;
      // Thrown when its turn comes; whoever leaves early does not hear of it.
      next?.catch(() => undefined);
    };
    if (atMost >= pageSize) goOn();
    const encoding = textOf(end, 'EncodingType');
    const found: ObjectInfo[] = [];
    for (const { xml: entry } of elementsOf(xml, ['Contents'])) {
      found.push({
        key: listedKey(bucket, prefix, textOf(entry, 'Key'), encoding),
        size: Number(textOf(entry, 'Size') ?? 0),
        etag: plainEtag(textOf(entry, 'ETag')),
        lastModified: wholeSeconds(listedTime(textOf(entry, 'LastModified'))),
      });
    }
    yield found;
    if (atMost < pageSize) goOn();
  }
}

/** What a page of a listing says of itself: the document without its entries. @throws LcbError `objectStore.noListing` where it is none */
export function endOfPage(bucket: Bucket, xml: string, root: string, entries: readonly string[]): string {
  if (!isDocumentOf(xml, root)) throw noListing(bucket.location, 'the answer is no listing');
  const head = without(xml, entries);
  if (textOf(head, 'IsTruncated') === undefined) throw noListing(bucket.location, 'the answer is no listing');
  return head;
}

/** Is there another page? @throws LcbError `objectStore.noListing` where that is not said */
export function goesOn(bucket: Bucket, end: string): boolean {
  const isTruncated = textOf(end, 'IsTruncated');
  if (isTruncated === 'true' || isTruncated === 'false') return isTruncated === 'true';
  throw noListing(bucket.location, 'the answer does not say whether the listing goes on');
}

export function brokenOff(bucket: Bucket) {
  return noListing(bucket.location, 'the listing breaks off without saying where it goes on');
}

export function listedTime(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text);
}
