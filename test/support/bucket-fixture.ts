import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { environmentSchema, type StoreSettings } from '@lcb/core';
import { type ComparedEnvironment, s3Library } from '../compare/index.ts';
import type { PlacedEnvironment } from './local-fixture.ts';
import type { S3Server } from './s3-server.ts';

const variables = { id: 'LCB_TEST_S3_ID', key: 'LCB_TEST_S3_KEY' };

/** How the server's buckets are reached, by `lcb.yaml` or settings. Its keys are in the environment, which jobs inherit. */
export function storesOf(server: S3Server, bucket: string): StoreSettings[] {
  process.env[variables.id] = server.accessKeyId;
  process.env[variables.key] = server.secretAccessKey;
  return [
    {
      location: `s3://${bucket}`,
      endpoint: server.endpoint,
      accessKeyId: `env:${variables.id}`,
      secretAccessKey: `env:${variables.key}`,
    },
  ];
}

/** The same environment with its library, or its backups, in other places. */
export function movedTo(
  place: PlacedEnvironment,
  { library, backups }: { readonly library?: string | undefined; readonly backups?: string | undefined },
): PlacedEnvironment {
  const environment = environmentSchema.parse({
    ...place.environment,
    ...(library === undefined ? {} : { documentLibrary: { location: library } }),
    ...(backups === undefined ? {} : { backups: { location: backups } }),
  });
  return { ...place, environment };
}

/** As the judge compares it: with a reader of its own for buckets. */
export function compared(place: PlacedEnvironment, server: S3Server): ComparedEnvironment {
  const [, bucket, prefix = ''] =
    /^s3:\/\/([^/]+)\/?(.*)$/.exec(place.environment.documentLibrary?.location ?? '') ?? [];
  if (bucket === undefined) return place;
  return {
    ...place,
    library: s3Library(server.client, bucket, prefix === '' ? '' : `${prefix}/`),
  };
}

/** Puts the files of a folder into a bucket under their paths, each with content type, metadata and tags. */
export async function uploadFolder(
  server: S3Server,
  folder: string,
  Bucket: string,
  prefix: string,
): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const key = path.slice(folder.length + 1);
    await server.client.send(
      new PutObjectCommand({
        Bucket,
        Key: prefix + key,
        Body: createReadStream(path),
        ContentLength: (await stat(path)).size,
        ContentType: 'application/x-liferay',
        Metadata: { title: `of ${key.length}` },
        Tagging: `length=${key.length}`,
      }),
    );
  }
}

/** Keys of all versions and markers below a prefix, by looking behind the store's back. */
export async function tracesBelow(server: S3Server, Bucket: string, Prefix: string): Promise<string[]> {
  const { Versions = [], DeleteMarkers = [] } = await server.client.send(
    new ListObjectVersionsCommand({ Bucket, Prefix }),
  );
  return [...Versions, ...DeleteMarkers].map(({ Key = '' }) => Key);
}
