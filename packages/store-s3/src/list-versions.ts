import type { ListOptions, ObjectVersion } from '@lcb/core';
import type { Bucket } from './bucket.ts';
import { brokenOff, endOfPage, listedTime } from './list-objects.ts';
import { decodedKey, listedKey } from './listed-key.ts';
import { plainEtag, wholeSeconds } from './object-info.ts';
import { sendByWire } from './send.ts';
import { elementsOf, textOf } from './wire/xml.ts';

interface Markers {
  readonly 'key-marker'?: string | undefined;
  readonly 'version-id-marker'?: string | undefined;
}

/** Versions and markers as the server has them: by key, the newest first. */
export async function* listVersions(bucket: Bucket, options: ListOptions): AsyncGenerator<ObjectVersion> {
  const { prefix = '', startAfter } = options;
  let from: Markers | undefined =
    startAfter === undefined ? {} : { 'key-marker': bucket.prefix + startAfter };
  while (from !== undefined) {
    const query = { versions: '', 'encoding-type': 'url', prefix: bucket.prefix + prefix, ...from };
    const { body: xml } = await sendByWire(bucket, {}, { method: 'GET', query });
    const end = endOfPage(bucket, xml, 'ListVersionsResult');
    const encoding = textOf(end, 'EncodingType');
    for (const { name, xml: entry } of elementsOf(xml, ['Version', 'DeleteMarker']))
      yield versionOf(
        listedKey(bucket, prefix, textOf(entry, 'Key'), encoding),
        entry,
        name === 'DeleteMarker',
      );
    const isTruncated = textOf(end, 'IsTruncated') === 'true';
    const next = decodedKey(bucket, textOf(end, 'NextKeyMarker') ?? '', encoding);
    if (isTruncated && next === '') throw brokenOff(bucket);
    const version = textOf(end, 'NextVersionIdMarker');
    from = isTruncated
      ? { 'key-marker': next, 'version-id-marker': version === '' ? undefined : version }
      : undefined;
  }
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
  };
}
