import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { type CopyOptions, IntegrityError } from '@lcb/core';
import { fullKey } from './bucket.ts';
import type { CopySource } from './copy-object.ts';
import type { UploadDescription } from './multipart-upload.ts';
import { plainEtag, quotedEtag } from './object-info.ts';
import { describedBy } from './put-object.ts';
import { where } from './s3-error.ts';
import { send } from './send.ts';
import { encodedTags, tagsOf } from './tags.ts';

/** What a write without a type gets. Said, since some servers keep the source's type where none is said. */
const noType = 'application/octet-stream';

/** What a copy is described with where the server does not take all of it from the source by itself. */
export interface DescribedSource {
  readonly description: UploadDescription;
  /** The very object that was described: nothing else is copied. */
  readonly ifMatch: string;
}

/**
 * Content type, metadata and tags are those that are wanted, or the source's own. The other headers are always the source's: nobody who
 * copies names them, and a server that is told what one of them is to be drops all that it is not told.
 */
export async function describeSource(
  { bucket, key }: CopySource,
  { size, signal, version, ifMatch, description: wanted }: CopyOptions,
): Promise<DescribedSource> {
  const place = {
    Bucket: bucket.name,
    Key: fullKey(bucket, key),
    ...(version === undefined ? {} : { VersionId: version }),
  };
  const sending = { key, signal };
  const head = await send(bucket, { ...sending, object: { version } }, (client, control) =>
    client.send(
      new HeadObjectCommand({ ...place, ...(ifMatch === undefined ? {} : { IfMatch: quotedEtag(ifMatch) }) }),
      control,
    ),
  );
  // Ranges are cut by the size that was listed: of an object that is larger they would be a beginning that nothing tells from the whole.
  if (head.ContentLength !== size) {
    throw new IntegrityError(
      `${where(bucket.location, key)} has ${head.ContentLength} bytes instead of the ${size} that were listed.`,
    );
  }
  const { ContentType, Metadata, CacheControl, ContentDisposition, ContentEncoding, ContentLanguage } = head;
  const described =
    wanted === undefined
      ? { ContentType, Metadata, ...encodedTags(await tagsOf(bucket, sending, place, head.TagCount)) }
      : { ContentType: noType, ...describedBy(wanted) };
  return {
    description: {
      CacheControl,
      ContentDisposition,
      ContentEncoding,
      ContentLanguage,
      Expires: head.Expires,
      ...described,
    },
    ifMatch: ifMatch ?? plainEtag(head.ETag),
  };
}
