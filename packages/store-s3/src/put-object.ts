import { createHash, type Hash } from 'node:crypto';
import { type CompletedPart, PutObjectCommand, UploadPartCommand } from '@aws-sdk/client-s3';
import {
  LcbError,
  type ObjectDescription,
  type StoredObject,
  untilAborted,
  type WriteOptions,
} from '@lcb/core';
import { type Bucket, fullKey } from './bucket.ts';
import { encodedMetadata } from './metadata.ts';
import { multipartUpload, type Upload, type Uploaded } from './multipart-upload.ts';
import { confirmed } from './not-confirmed.ts';
import { plainEtag } from './object-info.ts';
import { partBytes } from './parts.ts';
import { Pieces } from './pieces.ts';
import { type Sending, send } from './send.ts';
import { encodedTags } from './tags.ts';

type KeyedSending = Sending & { readonly key: string };

/** How often a write is tried that meets another one of the same key; each try is a request to a server that just answered. */
const conflictTries = 5;

/** In one request what fits under the threshold, in parts what is larger. The hash is made on the way. */
export async function putObject(
  bucket: Bucket,
  key: string,
  body: Uint8Array | AsyncIterable<Uint8Array>,
  options: WriteOptions,
): Promise<StoredObject> {
  fullKey(bucket, key);
  const { signal, size, ifNoneMatch } = options;
  signal?.throwIfAborted();
  const { multipartThreshold, partSize } = bucket.connection;
  const pieces = new Pieces(untilAborted(body instanceof Uint8Array ? one(body) : body, signal));
  const sending = { key, signal };
  const hash = createHash('sha256');
  let written = 0;
  try {
    const first = await pieces.take(multipartThreshold);
    if (pieces.ended) {
      hash.update(first);
      return storedObject(await putWhole(bucket, sending, first, hash, options), first.length, hash);
    }
    const uploaded = await multipartUpload(bucket, {
      sending,
      description: { ...describedBy(options), ChecksumAlgorithm: 'SHA256' },
      ifNoneMatch,
      bytes: () => written,
      parts: (upload) => uploadParts(upload),
    });
    return storedObject(uploaded, written, hash);

    async function uploadParts(upload: Upload): Promise<CompletedPart[]> {
      const parts: CompletedPart[] = [];
      const rest = new Pieces(joined(first, pieces));
      while (!rest.ended) {
        const number = parts.length + 1;
        const part = await rest.take(partBytes(number, partSize, size));
        hash.update(part);
        written += part.length;
        parts.push(await uploadPart(bucket, sending, upload, number, part));
      }
      return parts;
    }
  } finally {
    await pieces.close();
  }
}

async function putWhole(
  bucket: Bucket,
  sending: KeyedSending,
  bytes: Buffer,
  hash: Hash,
  options: WriteOptions,
): Promise<Uploaded> {
  const command = {
    Bucket: bucket.name,
    Key: fullKey(bucket, sending.key),
    Body: bytes,
    ContentLength: bytes.length,
    ChecksumSHA256: hash.copy().digest('base64'),
    ...describedBy(options),
    ...(options.ifNoneMatch === undefined ? {} : { IfNoneMatch: options.ifNoneMatch }),
  };
  for (let tries = 1; ; tries += 1) {
    try {
      const answer = await send(bucket, { ...sending, bytes: bytes.length }, (client, control) =>
        client.send(new PutObjectCommand(command), control),
      );
      return confirmed(bucket, sending.key, answer);
    } catch (error) {
      const isConflict = LcbError.isInstance(error) && error.code === 'objectStore.contended';
      if (!isConflict || tries === conflictTries) throw error;
    }
  }
}

async function uploadPart(
  bucket: Bucket,
  sending: KeyedSending,
  upload: Upload,
  PartNumber: number,
  bytes: Buffer,
): Promise<CompletedPart> {
  const ChecksumSHA256 = createHash('sha256').update(bytes).digest('base64');
  const answer = await send(bucket, { ...sending, bytes: bytes.length }, (client, control) =>
    client.send(
      new UploadPartCommand({
        ...upload,
        PartNumber,
        Body: bytes,
        ContentLength: bytes.length,
        ChecksumSHA256,
      }),
      control,
    ),
  );
  return { PartNumber, ETag: confirmed(bucket, sending.key, answer).ETag, ChecksumSHA256 };
}

export function describedBy({ contentType, metadata, tags }: ObjectDescription) {
  return {
    ...(contentType === undefined ? {} : { ContentType: contentType }),
    ...(metadata === undefined ? {} : { Metadata: encodedMetadata(metadata) }),
    ...encodedTags(tags),
  };
}

export function storedObject({ ETag, VersionId }: Uploaded, size: number, hash: Hash | string): StoredObject {
  return {
    size,
    etag: plainEtag(ETag),
    ...(VersionId === undefined || VersionId === 'null' ? {} : { version: VersionId }),
    checksum: { algorithm: 'sha256', value: typeof hash === 'string' ? hash : hash.digest('hex') },
  };
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** What was taken to see whether it is all, and then the rest. */
async function* joined(first: Buffer, rest: Pieces): AsyncGenerator<Uint8Array> {
  yield first;
  while (!rest.ended) yield await rest.take(256 * 1024);
}
