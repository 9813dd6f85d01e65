import {
  type DeleteMarkerEntry,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type ObjectVersion as S3Version,
} from '@aws-sdk/client-s3';
import { compareKeys, type ListOptions, type ObjectVersion } from '@lcb/core';
import type { Bucket } from './bucket.ts';
import { decodedKey, listedKey } from './listed-key.ts';
import { noListing } from './no-listing.ts';
import { plainEtag, wholeSeconds } from './object-info.ts';
import { send } from './send.ts';

interface Markers {
  readonly KeyMarker?: string;
  readonly VersionIdMarker?: string;
}

interface Found {
  readonly version: ObjectVersion;
  readonly time: number;
}

/** The server's page has versions and markers mixed; the client hands them on apart, so they are put in order again. */
export async function* listVersions(bucket: Bucket, options: ListOptions): AsyncGenerator<ObjectVersion> {
  const { prefix = '', startAfter } = options;
  let from: Markers | undefined = startAfter === undefined ? {} : { KeyMarker: bucket.prefix + startAfter };
  while (from !== undefined) {
    const markers: Markers = from;
    const page: ListObjectVersionsCommandOutput = await send(bucket, {}, (client, control) =>
      client.send(
        new ListObjectVersionsCommand({
          Bucket: bucket.name,
          Prefix: bucket.prefix + prefix,
          EncodingType: 'url',
          ...markers,
        }),
        control,
      ),
    );
    if (page.IsTruncated === undefined) throw noListing(bucket.location, 'the answer is no listing');
    const keyOf = ({ Key }: S3Version & DeleteMarkerEntry) =>
      listedKey(bucket, prefix, Key, page.EncodingType);
    const found = [
      ...(page.Versions ?? []).map((entry) => foundVersion(keyOf(entry), entry, false)),
      ...(page.DeleteMarkers ?? []).map((entry) => foundVersion(keyOf(entry), entry, true)),
    ];
    for (const { version } of found.sort(newestFirst)) yield version;
    const next = decodedKey(bucket, page.NextKeyMarker ?? '', page.EncodingType);
    if (page.IsTruncated && next === '')
      throw noListing(bucket.location, 'the listing breaks off without saying where it goes on');
    from = page.IsTruncated
      ? {
          KeyMarker: next,
          ...(page.NextVersionIdMarker ? { VersionIdMarker: page.NextVersionIdMarker } : {}),
        }
      : undefined;
  }
}

function foundVersion(key: string, entry: S3Version & DeleteMarkerEntry, isDeleteMarker: boolean): Found {
  return {
    time: entry.LastModified?.getTime() ?? 0,
    version: {
      key,
      version: entry.VersionId ?? 'null',
      isLatest: entry.IsLatest ?? false,
      isDeleteMarker,
      size: isDeleteMarker ? 0 : (entry.Size ?? 0),
      etag: isDeleteMarker ? '' : plainEtag(entry.ETag),
      lastModified: wholeSeconds(entry.LastModified),
    },
  };
}

/** Within one second of the server's clock only the latest is known; the others keep the order of their own kind. */
function newestFirst(a: Found, b: Found): number {
  return (
    compareKeys(a.version.key, b.version.key) ||
    Number(b.version.isLatest) - Number(a.version.isLatest) ||
    b.time - a.time
  );
}
