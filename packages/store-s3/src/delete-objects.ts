import { createHash, getFips } from 'node:crypto';
import { ObjectNotFoundError, type ObjectRef } from '@lcb/core';
import { type Bucket, fullKey } from './bucket.ts';
import { fitsXml } from './listed-key.ts';
import { noListing } from './no-listing.ts';
import { s3Error } from './s3-error.ts';
import { sendByWire } from './send.ts';
import { elementsOf, encoded, isDocumentOf, textOf } from './wire/xml.ts';

/** What one request takes. */
const mostPerRequest = 1000;

export async function deleteObjects(
  bucket: Bucket,
  objects: AsyncIterable<ObjectRef> | Iterable<ObjectRef>,
): Promise<void> {
  let batch: ObjectRef[] = [];
  for await (const { key, version } of objects) {
    const object = { key: fullKey(bucket, key), ...(version === undefined ? {} : { version }) };
    // The request for many is an XML document, which can't carry every key.
    if (!fitsXml(key)) await deleteOne(bucket, key, object);
    else if (batch.push(object) === mostPerRequest) {
      await deleteBatch(bucket, batch);
      batch = [];
    }
  }
  if (batch.length > 0) await deleteBatch(bucket, batch);
}

/** The answer is a success even when single objects could not be removed: it names them. */
async function deleteBatch(bucket: Bucket, objects: readonly ObjectRef[]): Promise<void> {
  const entries = objects.map(({ key, version }) => {
    const id = version === undefined ? '' : `<VersionId>${encoded(version)}</VersionId>`;
    return `<Object><Key>${encoded(key)}</Key>${id}</Object>`;
  });
  const body = Buffer.from(
    `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet>${entries.join('')}</Delete>`,
  );
  const headers = { 'content-type': 'application/xml', ...checksumHeader(body) };
  const { body: xml } = await sendByWire(
    bucket,
    { bytes: body.length },
    { method: 'POST', query: { delete: '' }, headers, body },
  );
  if (!isDocumentOf(xml, 'DeleteResult'))
    throw noListing(bucket.location, 'the answer lists nothing that was removed');
  for (const { xml: failed } of elementsOf(xml, ['Error'])) {
    const key = (textOf(failed, 'Key') ?? '').slice(bucket.prefix.length);
    const told = new Error(textOf(failed, 'Message') ?? '');
    told.name = textOf(failed, 'Code') ?? 'InternalError';
    const error = s3Error(bucket.location, key, told);
    if (!(error instanceof ObjectNotFoundError)) throw error;
  }
}

/** Servers ask for one of the two; where MD5 is not allowed (FIPS) it is the other. */
function checksumHeader(body: Buffer): Record<string, string> {
  const isAllowed = getFips() === 0;
  return isAllowed
    ? { 'content-md5': createHash('md5').update(body).digest('base64') }
    : { 'x-amz-checksum-sha256': createHash('sha256').update(body).digest('base64') };
}

async function deleteOne(bucket: Bucket, name: string, { key, version }: ObjectRef): Promise<void> {
  try {
    await sendByWire(
      bucket,
      { key: name, object: {} },
      { method: 'DELETE', key, query: { versionId: version } },
    );
  } catch (error) {
    if (!(error instanceof ObjectNotFoundError)) throw error;
  }
}
