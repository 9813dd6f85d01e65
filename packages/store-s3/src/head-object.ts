import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { type HeadOptions, type ObjectInfo, ObjectNotFoundError } from '@lcb/core';
import { type Bucket, fullKey } from './bucket.ts';
import { describedObject } from './object-info.ts';
import { send } from './send.ts';
import { tagsOf } from './tags.ts';

export async function headObject(
  bucket: Bucket,
  key: string,
  { version, tags }: HeadOptions,
): Promise<ObjectInfo | undefined> {
  const Key = fullKey(bucket, key);
  try {
    const object = { Bucket: bucket.name, Key, ...(version === undefined ? {} : { VersionId: version }) };
    const answer = await send(bucket, { key, object: { version } }, (client, control) =>
      client.send(new HeadObjectCommand(object), control),
    );
    const info = describedObject(key, answer, answer.ContentLength ?? 0);
    const found = tags === true ? await tagsOf(bucket, { key }, object, answer.TagCount) : undefined;
    return found === undefined ? info : { ...info, tags: found };
  } catch (error) {
    if (error instanceof ObjectNotFoundError) return undefined;
    throw error;
  }
}
