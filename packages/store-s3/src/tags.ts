import { GetObjectTaggingCommand, type GetObjectTaggingCommandInput } from '@aws-sdk/client-s3';
import { LcbError, ObjectNotFoundError } from '@lcb/core';
import type { Bucket } from './bucket.ts';
import { noListing } from './no-listing.ts';
import { isRefusal, where } from './s3-error.ts';
import { send } from './send.ts';

export type Tags = Readonly<Record<string, string>>;

/**
 * The tags of an object, or nothing where it has none. `count` is what its description says: where that is silent, it may have none, the
 * server may not count, or these credentials may not see tags. Then they are asked for, and a refusal counts as none; so does a server
 * that has no tags, or says of an object without any that there is none: the object itself was described a moment ago.
 */
export async function tagsOf(
  bucket: Bucket,
  sending: { readonly key: string; readonly signal?: AbortSignal | undefined },
  object: GetObjectTaggingCommandInput,
  count: number | undefined,
): Promise<Tags | undefined> {
  if (count === 0) return undefined;
  try {
    const { TagSet } = await send(bucket, sending, (client, control) =>
      client.send(new GetObjectTaggingCommand(object), control),
    );
    if (TagSet === undefined)
      throw noListing(where(bucket.location, sending.key), 'the answer lists no tags');
    return TagSet.length === 0
      ? undefined
      : Object.fromEntries(TagSet.map(({ Key = '', Value = '' }) => [Key, Value]));
  } catch (error) {
    const isNone = error instanceof ObjectNotFoundError || (LcbError.isInstance(error) && isRefusal(error));
    if (count === undefined && isNone) return undefined;
    throw error;
  }
}

export function encodedTags(tags: Tags | undefined): { Tagging?: string } {
  if (tags === undefined || Object.keys(tags).length === 0) return {};
  return { Tagging: new URLSearchParams(tags).toString() };
}
