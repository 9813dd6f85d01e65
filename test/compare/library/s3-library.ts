import { createHash } from 'node:crypto';
import {
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Library } from './library.ts';
import { compareKeys } from './list-files.ts';

/** A bucket below a prefix (`''`, or with a slash at its end). Keys are held in memory: this order is not a bucket's. */
export function s3Library(client: S3Client, Bucket: string, prefix: string): Library {
  return {
    async *keys() {
      const keys: string[] = [];
      for await (const page of paginateListObjectsV2({ client }, { Bucket, Prefix: prefix })) {
        for (const { Key = '' } of page.Contents ?? []) keys.push(Key.slice(prefix.length));
      }
      yield* keys.sort(compareKeys);
    },
    async read(key) {
      const object = { Bucket, Key: prefix + key };
      const { Body, ContentType, Metadata } = await client.send(new GetObjectCommand(object));
      const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
      const { TagSet } = await client.send(new GetObjectTaggingCommand(object));
      const sorted = (pairs: [string, string][]) => pairs.sort(([a], [b]) => (a < b ? -1 : 1));
      return {
        size: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
        description: JSON.stringify([
          ContentType,
          sorted(Object.entries(Metadata ?? {})),
          sorted((TagSet ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
        ]),
      };
    },
    async sizeOf(key) {
      const { ContentLength = 0 } = await client.send(new HeadObjectCommand({ Bucket, Key: prefix + key }));
      return ContentLength;
    },
  };
}
