import type { ObjectInfo } from '@lcb/core';
import { describedObject } from './object-info.ts';
import { type Answer, headerOf } from './wire/exchange.ts';

const metadataPrefix = 'x-amz-meta-';

export interface DescribedByHeaders {
  readonly info: ObjectInfo;
  /** How many tags it has, where the server says so. */
  readonly tagCount: number | undefined;
}

/** An object as the headers of an answer describe it. */
export function describedByHeaders(
  key: string,
  answer: Pick<Answer, 'rawHeaders'>,
  size: number,
): DescribedByHeaders {
  const modified = headerOf(answer, 'last-modified');
  const described = {
    ETag: headerOf(answer, 'etag'),
    LastModified: modified === undefined ? undefined : new Date(modified),
    VersionId: headerOf(answer, 'x-amz-version-id'),
    ContentType: headerOf(answer, 'content-type'),
    Metadata: metadataOf(answer),
  };
  const count = headerOf(answer, 'x-amz-tagging-count');
  return {
    info: describedObject(key, described, size),
    tagCount: count === undefined ? undefined : Number(count),
  };
}

/** A name that comes several times has all of its values, as everywhere in HTTP. */
function metadataOf({ rawHeaders }: Pick<Answer, 'rawHeaders'>): Record<string, string> {
  const metadata: Record<string, string> = {};
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const header = rawHeaders[at]?.toLowerCase() ?? '';
    if (!header.startsWith(metadataPrefix)) continue;
    const name = header.slice(metadataPrefix.length);
    const value = rawHeaders[at + 1] ?? '';
    metadata[name] = Object.hasOwn(metadata, name) ? `${metadata[name]}, ${value}` : value;
  }
  return metadata;
}
