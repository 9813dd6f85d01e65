import { createHash, type Hash, hash } from 'node:crypto';
import type { CompletedPart } from '@aws-sdk/client-s3';
import {
  LcbError,
  mapOrdered,
  type ObjectDescription,
  type StoredObject,
  untilAborted,
  type WriteOptions,
} from '@lcb/core';
import { type BodyPart, bodyParts } from './body-parts.ts';
import { type Bucket, fullKey } from './bucket.ts';
import { descriptionHeaders } from './description-headers.ts';
import { encodedMetadata } from './metadata.ts';
import { multipartUpload, type Upload, type Uploaded } from './multipart-upload.ts';
import { confirmed } from './not-confirmed.ts';
import { plainEtag } from './object-info.ts';
import { Pieces } from './pieces.ts';
import { type Sending, sendByWire } from './send.ts';
import { encodedTags } from './tags.ts';
import { headerOf } from './wire/exchange.ts';
import type { WireRequest } from './wire/wire.ts';

type KeyedSending = Sending & { readonly key: string };

/** How often a write is tried that meets another one of the same key; each try is a request to a server that just answered. */
const conflictTries = 5;

/** Of one object, as long as there is memory for them. */
const partsAtOnce = 4;

/** In one request what fits under the threshold, in parts what is larger. The hash is made on the way. */
export async function putObject(
  bucket: Bucket,
  key: string,
  body: Uint8Array | AsyncIterable<Uint8Array>,
  options: WriteOptions,
): Promise<StoredObject> {
  fullKey(bucket, key);
  const { signal, ifNoneMatch } = options;
  signal?.throwIfAborted();
  const { multipartThreshold, partSize, partMemory: memory } = bucket.connection;
  const content = createHash('sha256');
  let written = 0;
  const isWhole = body instanceof Uint8Array;
  const pieces = new Pieces(untilAborted(isWhole ? one(body) : body, signal), (bytes) => {
    content.update(bytes);
    written += bytes.length;
  });
  const size = isWhole ? body.byteLength : options.size;
  const parts = bodyParts(pieces, { size, multipartThreshold, partSize, memory, signal });
  const sending = { key, signal };
  try {
    const { value: first } = await parts.next();
    if (first === undefined) throw new RangeError('A body has one part at least.');
    if (first.isLast && written <= multipartThreshold)
      return storedObject(await putWhole(bucket, sending, first.bytes, content, options), written, content);
    const uploaded = await multipartUpload(bucket, {
      sending,
      description: { ...describedBy(options), ChecksumAlgorithm: 'SHA256' },
      ifNoneMatch,
      bytes: () => written,
      parts: (upload) => uploadParts(upload, first),
    });
    return storedObject(uploaded, written, content);
  } finally {
    await parts.return(undefined);
    await pieces.close();
  }

  async function uploadParts(upload: Upload, first: BodyPart): Promise<CompletedPart[]> {
    const completed: CompletedPart[] = [];
    // What has no size is slow to come: one is sent while the next is filled.
    const atOnce = size === undefined ? 2 : partsAtOnce;
    const sent = mapOrdered(joined(first, parts), atOnce, (part) =>
      uploadPart(bucket, sending, upload, part),
    );
    for await (const part of sent) completed.push(part);
    return completed;
  }
}

async function putWhole(
  bucket: Bucket,
  sending: KeyedSending,
  bytes: Buffer,
  content: Hash,
  options: WriteOptions,
): Promise<Uploaded> {
  const { ifNoneMatch } = options;
  const { headers, ...body } = signedBody(bytes, content.copy().digest('hex'));
  const described = descriptionHeaders(describedBy(options));
  const request = {
    method: 'PUT',
    key: fullKey(bucket, sending.key),
    headers: { ...described, ...headers, 'if-none-match': ifNoneMatch },
    ...body,
  } as const;
  for (let tries = 1; ; tries += 1) {
    try {
      return await put(bucket, sending, request);
    } catch (error) {
      const isConflict = LcbError.isInstance(error) && error.code === 'objectStore.contended';
      if (!isConflict || tries === conflictTries) throw error;
    }
  }
}

async function uploadPart(
  bucket: Bucket,
  sending: KeyedSending,
  { UploadId, Key }: Upload,
  { number, bytes, release }: BodyPart,
): Promise<CompletedPart> {
  try {
    const body = signedBody(bytes, hash('sha256', bytes, 'hex'));
    const query = { partNumber: String(number), uploadId: UploadId };
    const { ETag } = await put(bucket, sending, { method: 'PUT', key: Key, query, ...body });
    const ChecksumSHA256 = body.headers['x-amz-checksum-sha256'];
    return { PartNumber: number, ETag, ChecksumSHA256 };
  } finally {
    release();
  }
}

/** One hash serves both: the signature covers it, and the server keeps it as the checksum of what it wrote. */
function signedBody(body: Buffer, bodySha256: string) {
  const checksum = Buffer.from(bodySha256, 'hex').toString('base64');
  return { body, bodySha256, headers: { 'x-amz-checksum-sha256': checksum } };
}

async function put(
  bucket: Bucket,
  sending: KeyedSending,
  request: WireRequest & { readonly body: Buffer },
): Promise<Uploaded & { readonly ETag: string }> {
  const answer = await sendByWire(bucket, { ...sending, bytes: request.body.length }, request);
  return confirmed(bucket, sending.key, {
    ETag: headerOf(answer, 'etag'),
    VersionId: headerOf(answer, 'x-amz-version-id'),
  });
}

export function describedBy({ contentType, metadata, tags }: ObjectDescription) {
  return {
    ...(contentType === undefined ? {} : { ContentType: contentType }),
    ...(metadata === undefined ? {} : { Metadata: encodedMetadata(metadata) }),
    ...encodedTags(tags),
  };
}

export function storedObject(
  { ETag, VersionId }: Uploaded,
  size: number,
  content: Hash | string,
): StoredObject {
  return {
    size,
    etag: plainEtag(ETag),
    ...(VersionId === undefined || VersionId === 'null' ? {} : { version: VersionId }),
    checksum: { algorithm: 'sha256', value: typeof content === 'string' ? content : content.digest('hex') },
  };
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** The part that was taken to see whether it is all, and then the rest. */
async function* joined(first: BodyPart, rest: AsyncGenerator<BodyPart>): AsyncGenerator<BodyPart> {
  yield first;
  yield* rest;
}
