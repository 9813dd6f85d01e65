import { type HeadOptions, type ObjectInfo, ObjectNotFoundError } from '@lcb/core';
import { type Bucket, fullKey } from './bucket.ts';
import { describedObject } from './object-info.ts';
import { sendByWire } from './send.ts';
import { tagsOf } from './tags.ts';
import { headerOf } from './wire/exchange.ts';

export async function headObject(
  bucket: Bucket,
  key: string,
  { version, tags }: HeadOptions,
): Promise<ObjectInfo | undefined> {
  const Key = fullKey(bucket, key);
  try {
    const answer = await sendByWire(
      bucket,
      { key, object: { version } },
      { method: 'HEAD', key: Key, query: { versionId: version } },
    );
    const modified = headerOf(answer, 'last-modified');
    const Metadata: Record<string, string> = {};
    for (const [name, value] of Object.entries(answer.headers)) {
      if (name.startsWith('x-amz-meta-') && typeof value === 'string')
        Metadata[name.slice('x-amz-meta-'.length)] = value;
    }
    const described = {
      ETag: headerOf(answer, 'etag'),
      LastModified: modified === undefined ? undefined : new Date(modified),
      VersionId: headerOf(answer, 'x-amz-version-id'),
      ContentType: headerOf(answer, 'content-type'),
      Metadata,
    };
    const info = describedObject(key, described, Number(headerOf(answer, 'content-length') ?? 0));
    if (tags !== true) return info;
    const count = headerOf(answer, 'x-amz-tagging-count');
    const object = { Bucket: bucket.name, Key, ...(version === undefined ? {} : { VersionId: version }) };
    const found = await tagsOf(bucket, { key }, object, count === undefined ? undefined : Number(count));
    return found === undefined ? info : { ...info, tags: found };
  } catch (error) {
    if (error instanceof ObjectNotFoundError) return undefined;
    throw error;
  }
}
