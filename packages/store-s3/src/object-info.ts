import type { ObjectInfo } from '@lcb/core';
import { decodedMetadata } from './metadata.ts';

interface Described {
  readonly ETag?: string | undefined;
  readonly ContentLength?: number | undefined;
  readonly LastModified?: Date | undefined;
  readonly VersionId?: string | undefined;
  readonly ContentType?: string | undefined;
  readonly Metadata?: Record<string, string> | undefined;
}

/** What `head` and `get` say of an object. */
export function describedObject(key: string, answer: Described, size: number): ObjectInfo {
  const { ETag, LastModified, VersionId, ContentType, Metadata } = answer;
  return {
    key,
    size,
    etag: plainEtag(ETag),
    lastModified: wholeSeconds(LastModified),
    ...(VersionId === undefined || VersionId === 'null' ? {} : { version: VersionId }),
    ...(ContentType === undefined ? {} : { contentType: ContentType }),
    metadata: decodedMetadata(Metadata ?? {}),
  };
}

/** Without the quotes, which some servers leave out in listings. */
export function plainEtag(etag: string | undefined): string {
  return (etag ?? '').replace(/^"(.*)"$/, '$1');
}

export function quotedEtag(etag: string): string {
  return `"${etag}"`;
}

/** Headers tell whole seconds, listings of some servers more: cut off, so that an object has one time. */
export function wholeSeconds(time: Date | undefined): string {
  return new Date(Math.floor((time?.getTime() ?? 0) / 1000) * 1000).toISOString();
}
