import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
} from '@aws-sdk/client-s3';
import { LcbError, ObjectNotFoundError } from '@lcb/core';
import { type Bucket, fullKey } from './bucket.ts';
import { confirmed } from './not-confirmed.ts';
import { where } from './s3-error.ts';
import { type Sending, send } from './send.ts';

export type UploadDescription = Omit<CreateMultipartUploadCommandInput, 'Bucket' | 'Key'>;

export interface Upload {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string;
}

export interface Uploading {
  readonly sending: Sending & { readonly key: string };
  readonly description: UploadDescription;
  readonly ifNoneMatch?: '*' | undefined;
  /** Bytes of the whole object: completing it takes the server its time. */
  readonly bytes: () => number;
  readonly parts: (upload: Upload) => Promise<readonly CompletedPart[]>;
}

export interface Uploaded {
  readonly ETag?: string | undefined;
  readonly VersionId?: string | undefined;
}

/**
 * Writes an object in parts, which appears when all of them are there. Whatever goes wrong, no part stays behind: parts of an upload that
 * was never ended are in no listing and cost money for ever.
 */
export async function multipartUpload(bucket: Bucket, uploading: Uploading): Promise<Uploaded> {
  const { sending, description, ifNoneMatch } = uploading;
  const place = { Bucket: bucket.name, Key: fullKey(bucket, sending.key) };
  const { UploadId } = await send(bucket, sending, (client, control) =>
    client.send(new CreateMultipartUploadCommand({ ...place, ...description }), control),
  );
  if (UploadId === undefined) throw unexpected(bucket, sending.key);
  const upload = { ...place, UploadId };
  try {
    const Parts = [...(await uploading.parts(upload))];
    const answer = await send(bucket, { ...sending, bytes: uploading.bytes() }, (client, control) =>
      client.send(
        new CompleteMultipartUploadCommand({
          ...upload,
          MultipartUpload: { Parts },
          ...(ifNoneMatch === undefined ? {} : { IfNoneMatch: ifNoneMatch }),
        }),
        control,
      ),
    );
    return confirmed(bucket, sending.key, answer);
  } catch (error) {
    await abort(bucket, upload, sending.key, error);
    throw error;
  }
}

/** Without the signal, which may be why it is aborted. */
async function abort(bucket: Bucket, upload: Upload, key: string, cause: unknown): Promise<void> {
  try {
    await send(bucket, { key, object: {} }, (client, control) =>
      client.send(new AbortMultipartUploadCommand(upload), control),
    );
  } catch (error) {
    // Ended already, by the server itself or by somebody else.
    const isGone =
      error instanceof ObjectNotFoundError || (error instanceof Error && /NoSuchUpload/.test(error.message));
    if (isGone) return;
    throw new LcbError({
      code: 'objectStore.partsLeft',
      message: `${where(bucket.location, key)} was not written, and the parts of its upload could not be removed: ${messageOf(error)} Let a lifecycle rule of the bucket remove incomplete uploads after a day.`,
      retryable: LcbError.isInstance(cause) && cause.retryable,
      cause,
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function unexpected(bucket: Bucket, key: string): LcbError {
  return new LcbError({
    code: 'objectStore.failed',
    message: `${where(bucket.location, key)}: the server began an upload without giving it an id.`,
  });
}
