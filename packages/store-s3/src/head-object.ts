import { type HeadOptions, type ObjectInfo, ObjectNotFoundError } from '@lcb/core';
import { type Bucket, fullKey } from './bucket.ts';
import { describedByHeaders } from './described-by-headers.ts';
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
    const size = Number(headerOf(answer, 'content-length') ?? 0);
    const { info, tagCount } = describedByHeaders(key, answer, size);
    if (tags !== true) return info;
    const object = { Bucket: bucket.name, Key, ...(version === undefined ? {} : { VersionId: version }) };
    const found = await tagsOf(bucket, { key }, object, tagCount);
    return found === undefined ? info : { ...info, tags: found };
  } catch (error) {
    if (error instanceof ObjectNotFoundError) return undefined;
    throw error;
  }
}
