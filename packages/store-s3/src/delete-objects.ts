import { DeleteObjectCommand, DeleteObjectsCommand, type ObjectIdentifier } from '@aws-sdk/client-s3';
import { ObjectNotFoundError, type ObjectRef } from '@lcb/core';
import { type Bucket, fullKey } from './bucket.ts';
import { fitsXml } from './listed-key.ts';
import { s3Error } from './s3-error.ts';
import { send } from './send.ts';

/** What one request takes. */
const mostPerRequest = 1000;

export async function deleteObjects(
  bucket: Bucket,
  objects: AsyncIterable<ObjectRef> | Iterable<ObjectRef>,
): Promise<void> {
  let batch: ObjectIdentifier[] = [];
  for await (const { key, version } of objects) {
    const identifier = {
      Key: fullKey(bucket, key),
      ...(version === undefined ? {} : { VersionId: version }),
    };
    // The request for many is an XML document, which can't carry every key.
    if (!fitsXml(key)) await deleteOne(bucket, key, identifier);
    else if (batch.push(identifier) === mostPerRequest) {
      await deleteBatch(bucket, batch);
      batch = [];
    }
  }
  if (batch.length > 0) await deleteBatch(bucket, batch);
}

/** The answer is a success even when single objects could not be removed: it names them. */
async function deleteBatch(bucket: Bucket, Objects: ObjectIdentifier[]): Promise<void> {
  const { Errors = [] } = await send(bucket, {}, (client, control) =>
    client.send(new DeleteObjectsCommand({ Bucket: bucket.name, Delete: { Objects, Quiet: true } }), control),
  );
  for (const { Key = '', Code = 'InternalError', Message = '' } of Errors) {
    const key = Key.slice(bucket.prefix.length);
    const error = s3Error(bucket.location, key, Object.assign(new Error(Message), { name: Code }));
    if (!(error instanceof ObjectNotFoundError)) throw error;
  }
}

async function deleteOne(bucket: Bucket, key: string, { Key, VersionId }: ObjectIdentifier): Promise<void> {
  try {
    await send(bucket, { key, object: {} }, (client, control) =>
      client.send(new DeleteObjectCommand({ Bucket: bucket.name, Key, VersionId }), control),
    );
  } catch (error) {
    if (!(error instanceof ObjectNotFoundError)) throw error;
  }
}
