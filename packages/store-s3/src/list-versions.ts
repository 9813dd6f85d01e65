import { compareKeys, type ListOptions, type ObjectVersion } from '@lcb/core';
import type { Bucket } from './bucket.ts';
import { brokenOff, endOfPage, goesOn, listedTime, pageSize } from './list-objects.ts';
import { decodedKey, listedKey } from './listed-key.ts';
import { plainEtag, wholeSeconds } from './object-info.ts';
import { sendByWire } from './send.ts';
import { elementsOf, textOf } from './wire/xml.ts';

const entries = ['Version', 'DeleteMarker'];

/** Classes of storage whose objects have to be restored before they are read; not `GLACIER_IR`. */
const archives: ReadonlySet<string> = new Set(['GLACIER', 'DEEP_ARCHIVE']);

interface Markers {
  readonly 'key-marker'?: string | undefined;
  readonly 'version-id-marker'?: string | undefined;
}

/** Versions and markers as the server has them, page by page: by key, the newest first. */
export async function* listVersions(
  bucket: Bucket,
  options: ListOptions,
): AsyncGenerator<readonly ObjectVersion[]> {
  const { prefix = '', startAfter, atMost = pageSize } = options;
  let from: Markers | undefined =
    startAfter === undefined ? {} : { 'key-marker': bucket.prefix + startAfter };
  while (from !== undefined) {
    const query = {
      versions: '',
      'encoding-type': 'url',
      'max-keys': atMost < pageSize ? String(atMost) : undefined,
      prefix: bucket.prefix + prefix,
      ...from,
    };
    const { body: xml } = await sendByWire(bucket, {}, { method: 'GET', query });
    const end = endOfPage(bucket, xml, 'ListVersionsResult', entries);
    const encoding = textOf(end, 'EncodingType');
    const found: Found[] = [];
    for (const { name, xml: entry } of elementsOf(xml, entries)) {
      const key = listedKey(bucket, prefix, textOf(entry, 'Key'), encoding);
      const time = listedTime(textOf(entry, 'LastModified'))?.getTime() ?? 0;
      found.push({ time, version: versionOf(key, entry, name === 'DeleteMarker') });
    }
    // Some servers have all markers first, or last.
    found.sort(newestFirst);
    yield found.map(({ version }) => version);
    const isTruncated = goesOn(bucket, end);
    const next = nextKey(bucket, textOf(end, 'NextKeyMarker') ?? '', encoding, found.at(-1)?.version.key);
    if (isTruncated && next === '') throw brokenOff(bucket);
    const version = textOf(end, 'NextVersionIdMarker');
    from = isTruncated
      ? { 'key-marker': next, 'version-id-marker': version === '' ? undefined : version }
      : undefined;
  }
}

/** A server may say that keys are encoded, and not encode this one: the last key of the page, which it is, tells. */
function nextKey(
  bucket: Bucket,
  marker: string,
  encoding: string | undefined,
  last: string | undefined,
): string {
  return last !== undefined && marker === bucket.prefix + last
    ? marker
    : decodedKey(bucket, marker, encoding);
}

interface Found {
  readonly version: ObjectVersion;
  readonly time: number;
}

/** What has the same key and the same time keeps the server's order. */
function newestFirst(a: Found, b: Found): number {
  return (
    compareKeys(a.version.key, b.version.key) ||
    Number(b.version.isLatest) - Number(a.version.isLatest) ||
    b.time - a.time
  );
}

function versionOf(key: string, entry: string, isDeleteMarker: boolean): ObjectVersion {
  return {
    key,
    version: textOf(entry, 'VersionId') ?? 'null',
    isLatest: textOf(entry, 'IsLatest') === 'true',
    isDeleteMarker,
    size: isDeleteMarker ? 0 : Number(textOf(entry, 'Size') ?? 0),
    etag: isDeleteMarker ? '' : plainEtag(textOf(entry, 'ETag')),
    lastModified: wholeSeconds(listedTime(textOf(entry, 'LastModified'))),
    ...(archives.has(textOf(entry, 'StorageClass') ?? '') ? { isArchived: true } : {}),
  };
}
