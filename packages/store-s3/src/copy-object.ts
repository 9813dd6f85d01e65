import { createHash } from 'node:crypto';
import {
  type CompletedPart,
  CopyObjectCommand,
  HeadObjectCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import {
  type CopyOptions,
  IntegrityError,
  mapOrdered,
  ObjectNotFoundError,
  PreconditionFailedError,
  type StoredObject,
} from '@lcb/core';
import { type Bucket, fullKey } from './bucket.ts';
import { getObject } from './get-object.ts';
import { multipartUpload, type Upload, type Uploaded } from './multipart-upload.ts';
import { confirmed } from './not-confirmed.ts';
import { plainEtag, quotedEtag } from './object-info.ts';
import { partBytes } from './parts.ts';
import { storedObject } from './put-object.ts';
import { send } from './send.ts';
import { encodedTags, tagsOf } from './tags.ts';

const partsAtOnce = 4;

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
  const { connection } = bucket;
  const copied =
    options.size > connection.copyThreshold
      ? await copyParts(source, bucket, key, options)
      : await copyWhole(source, bucket, key, options);
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
): Promise<Uploaded & { readonly sha256: string | undefined }> {
  const { size: bytes, signal } = options;
  const answer = await send(bucket, { key: source.key, bytes, signal }, (client, control) =>
    client.send(
      new CopyObjectCommand({
        Bucket: bucket.name,
        Key: fullKey(bucket, key),
        ...sourceOf(source, options),
        ChecksumAlgorithm: 'SHA256',
      }),
      control,
    ),
  );
  const { ETag, ChecksumSHA256, ChecksumType } = confirmed(bucket, key, answer.CopyObjectResult);
  // A hash of hashes (`…-3`) says nothing about the bytes to anybody who does not know the parts.
  const isWhole = ChecksumSHA256 !== undefined && /^[A-Za-z0-9+/]{43}=$/.test(ChecksumSHA256);
  return {
    ETag,
    VersionId: answer.VersionId,
    sha256:
      isWhole && ChecksumType !== 'COMPOSITE'
        ? Buffer.from(ChecksumSHA256, 'base64').toString('hex')
        : undefined,
  };
}

/** Parts carry neither content type nor metadata nor tags: what the source has is asked for and set. */
async function copyParts(
  source: CopySource,
  bucket: Bucket,
  key: string,
  options: CopyOptions,
): Promise<Uploaded & { readonly sha256?: undefined }> {
  const { size, signal, version } = options;
  const place = {
    Bucket: source.bucket.name,
    Key: fullKey(source.bucket, source.key),
    ...(version === undefined ? {} : { VersionId: version }),
  };
  const { ifMatch } = options;
  const sending = { key: source.key, signal };
  const head = await send(source.bucket, { ...sending, object: { version } }, (client, control) =>
    client.send(
      new HeadObjectCommand({ ...place, ...(ifMatch === undefined ? {} : { IfMatch: quotedEtag(ifMatch) }) }),
      control,
    ),
  );
  // Ranges are cut by the size that was listed: of an object that is larger they would be a beginning that nothing tells from the whole.
  if (head.ContentLength !== size) {
    throw new IntegrityError(
      `${JSON.stringify(source.key)} in ${source.bucket.location} has ${head.ContentLength} bytes instead of the ${size} that were listed.`,
    );
  }
  const tags = await tagsOf(source.bucket, sending, place, head.TagCount);
  // From here on it is this very object, whether the caller asked for one or not: parts of two are never put together.
  const pinned = { ...options, ifMatch: ifMatch ?? plainEtag(head.ETag) };
  return multipartUpload(bucket, {
    sending: { key, signal },
    description: {
      ContentType: head.ContentType,
      Metadata: head.Metadata,
      CacheControl: head.CacheControl,
      ContentDisposition: head.ContentDisposition,
      ContentEncoding: head.ContentEncoding,
      ContentLanguage: head.ContentLanguage,
      ...encodedTags(tags),
    },
    bytes: () => size,
    parts: async (upload) => {
      const parts: CompletedPart[] = [];
      const ranges = rangesOf(size, bucket.connection.copyPartSize);
      for await (const part of mapOrdered(ranges, partsAtOnce, (range) =>
        copyPart(source, bucket, upload, range, pinned),
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

/** The source goes into a header, each segment percent-encoded; the client does not do that. */
function sourceOf({ bucket, key }: CopySource, { version, ifMatch }: CopyOptions) {
  const path = fullKey(bucket, key).split('/').map(encodeURIComponent).join('/');
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
  const { info, body } = await getObject(bucket, key, {
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
