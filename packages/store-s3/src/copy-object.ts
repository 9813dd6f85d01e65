import { createHash } from 'node:crypto';
import { type CompletedPart, UploadPartCopyCommand } from '@aws-sdk/client-s3';
import {
  type CopyOptions,
  IntegrityError,
  mapOrdered,
  ObjectNotFoundError,
  PreconditionFailedError,
  type StoredObject,
} from '@lcb/core';
import { type Bucket, fullKey } from './bucket.ts';
import { describeSource } from './describe-source.ts';
import { descriptionHeaders } from './description-headers.ts';
import { lendObject } from './lend-object.ts';
import { multipartUpload, type Upload, type UploadDescription, type Uploaded } from './multipart-upload.ts';
import { confirmed } from './not-confirmed.ts';
import { plainEtag, quotedEtag } from './object-info.ts';
import { partBytes } from './parts.ts';
import { storedObject } from './put-object.ts';
import { send, sendByWire } from './send.ts';
import { headerOf } from './wire/exchange.ts';
import { pathEncoded } from './wire/signature.ts';
import { isDocumentOf, textOf } from './wire/xml.ts';

const partsAtOnce = 4;
const replacing = { 'x-amz-metadata-directive': 'REPLACE', 'x-amz-tagging-directive': 'REPLACE' };

/** One object of a bucket that the target's server and account reach. */
export interface CopySource {
  readonly bucket: Bucket;
  readonly key: string;
}

/** The server copies: in one request what it takes in one, in parts what is larger. What it copies is what was listed, or it fails. */
export async function copyObject(
  source: CopySource,
  bucket: Bucket,
  key: string,
  options: CopyOptions,
): Promise<StoredObject> {
  const inParts = options.size > bucket.connection.copyThreshold;
  // Parts carry no description, and the index of a backup knows better than a copy that anybody may have described anew. Looked at
  // first, since what a server is told replaces all that it would have taken along.
  const described =
    inParts || options.description !== undefined ? await describeSource(source, options) : undefined;
  const pinned = { ...options, ...(described === undefined ? {} : { ifMatch: described.ifMatch }) };
  const copied =
    inParts && described !== undefined
      ? await copyParts(source, bucket, key, pinned, described.description)
      : await copyWhole(source, bucket, key, pinned, described?.description);
  const { size } = options;
  // Copies in parts, and servers that don't hash, give no SHA-256 of the whole: then the stored bytes are read.
  const sha256 = copied.sha256 ?? (await hashOfCopy(bucket, key, copied, options));
  return storedObject(copied, size, sha256);
}

async function copyWhole(
  source: CopySource,
  bucket: Bucket,
  key: string,
  options: CopyOptions,
  description: UploadDescription | undefined,
): Promise<Uploaded & { readonly sha256: string | undefined }> {
  const { size: bytes, signal } = options;
  const headers = {
    ...copySourceHeaders(source, options),
    // In place of all that its source has.
    ...(description === undefined ? {} : { ...replacing, ...descriptionHeaders(description) }),
    'x-amz-checksum-algorithm': 'SHA256',
  };
  const answer = await sendByWire(
    bucket,
    { key: source.key, bytes, signal },
    { method: 'PUT', key: fullKey(bucket, key), headers },
  );
  const result = isDocumentOf(answer.body, 'CopyObjectResult') ? answer.body : '';
  const { ETag } = confirmed(bucket, key, { ETag: textOf(result, 'ETag') });
  const sha256 = textOf(result, 'ChecksumSHA256');
  // A hash of hashes (`…-3`) says nothing about the bytes to anybody who does not know the parts.
  const isWhole = sha256 !== undefined && /^[A-Za-z0-9+/]{43}=$/.test(sha256);
  return {
    ETag,
    VersionId: headerOf(answer, 'x-amz-version-id'),
    sha256:
      isWhole && textOf(result, 'ChecksumType') !== 'COMPOSITE'
        ? Buffer.from(sha256, 'base64').toString('hex')
        : undefined,
  };
}

/** Of the object that was described, whether the caller asked for one or not: parts of two are never put together. */
async function copyParts(
  source: CopySource,
  bucket: Bucket,
  key: string,
  options: CopyOptions,
  description: UploadDescription,
): Promise<Uploaded & { readonly sha256?: undefined }> {
  const { size, signal } = options;
  return multipartUpload(bucket, {
    sending: { key, signal },
    description,
    bytes: () => size,
    parts: async (upload) => {
      const parts: CompletedPart[] = [];
      const ranges = rangesOf(size, bucket.connection.copyPartSize);
      for await (const part of mapOrdered(ranges, partsAtOnce, (range) =>
        copyPart(source, bucket, upload, range, options),
      ))
        parts.push(part);
      return parts;
    },
  });
}

interface Range {
  readonly number: number;
  readonly from: number;
  readonly to: number;
}

async function* rangesOf(size: number, partSize: number): AsyncGenerator<Range> {
  const bytes = partBytes(1, partSize, size);
  for (let from = 0, number = 1; from < size; from += bytes, number += 1)
    yield { number, from, to: Math.min(size, from + bytes) - 1 };
}

async function copyPart(
  source: CopySource,
  bucket: Bucket,
  upload: Upload,
  { number, from, to }: Range,
  options: CopyOptions,
): Promise<CompletedPart> {
  const sending = { key: source.key, bytes: to - from + 1, signal: options.signal };
  const { CopyPartResult } = await send(bucket, sending, (client, control) =>
    client.send(
      new UploadPartCopyCommand({
        ...upload,
        PartNumber: number,
        ...sourceOf(source, options),
        CopySourceRange: `bytes=${from}-${to}`,
      }),
      control,
    ),
  );
  return {
    PartNumber: number,
    ETag: confirmed(bucket, upload.Key.slice(bucket.prefix.length), CopyPartResult).ETag,
  };
}

function copySourceHeaders(source: CopySource, options: CopyOptions): Record<string, string> {
  const { CopySource: copySource, CopySourceIfMatch } = sourceOf(source, options);
  return {
    'x-amz-copy-source': copySource,
    ...(CopySourceIfMatch === undefined ? {} : { 'x-amz-copy-source-if-match': CopySourceIfMatch }),
  };
}

/** The source goes into a header, each segment percent-encoded; the client does not do that. */
function sourceOf({ bucket, key }: CopySource, { version, ifMatch }: CopyOptions) {
  const path = pathEncoded(fullKey(bucket, key));
  return {
    CopySource: `${bucket.name}/${path}${version === undefined ? '' : `?versionId=${encodeURIComponent(version)}`}`,
    ...(ifMatch === undefined ? {} : { CopySourceIfMatch: quotedEtag(ifMatch) }),
  };
}

/** That the copy is not there, or is another, says nothing about the source: the server has said that it copied, and did not. */
async function hashOfCopy(
  bucket: Bucket,
  key: string,
  uploaded: Uploaded,
  options: CopyOptions,
): Promise<string> {
  try {
    return await hashOf(bucket, key, uploaded, options);
  } catch (error) {
    if (!(error instanceof ObjectNotFoundError || error instanceof PreconditionFailedError)) throw error;
    throw new IntegrityError(
      `${JSON.stringify(key)} in ${bucket.location} was copied, as the server says, and is not there as copied: ${error.message}`,
    );
  }
}

async function hashOf(
  bucket: Bucket,
  key: string,
  { ETag, VersionId }: Uploaded,
  { size, signal }: CopyOptions,
): Promise<string> {
  const { info, body } = await lendObject(bucket, key, {
    size,
    ifMatch: plainEtag(ETag),
    ...(VersionId === undefined || VersionId === 'null' ? {} : { version: VersionId }),
  });
  const hash = createHash('sha256');
  try {
    for await (const chunk of body) {
      signal?.throwIfAborted();
      hash.update(chunk);
    }
  } finally {
    body.destroy();
  }
  if (info.size !== size) {
    throw new IntegrityError(
      `${JSON.stringify(key)} in ${bucket.location} has ${info.size} bytes after it was copied, instead of ${size}.`,
    );
  }
  return hash.digest('hex');
}
