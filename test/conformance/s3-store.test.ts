import { PutBucketVersioningCommand } from '@aws-sdk/client-s3';
import { requireOrSkip } from '@lcb/embedded-postgres/testing';
import { s3Connection, s3Store } from '@lcb/store-s3';
import { expect, it } from 'vitest';
import { ministackProgram, versitygwProgram } from '../support/s3-programs.ts';
import { type S3ServerKind, startS3Server } from '../support/s3-server.ts';
import { describeObjectStore } from './object-store.ts';

/**
 * versitygw keeps objects as files, so a key has to be a path; what can't be one it refuses, or takes for another (`a//b` for `a/b`).
 * Control characters it takes, and lists as U+FFFD. Writing beside what is being deleted meets its folders half-way. Of a bucket with versions it fails to delete a key that is a folder of others.
 */
function isNoPath(key: string): boolean {
  const segments = key.split('/');
  return (
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    /[\u0000-\u001f]/.test(key.replaceAll(/[\n\t]/g, '')) ||
    segments.some((segment) => ['', '.', '..'].includes(segment) || Buffer.byteLength(segment) > 255) ||
    key === 'clash/below'
  );
}

async function openStores(kind: S3ServerKind, prefix: string, versions: boolean) {
  const server = await startS3Server(kind);
  await server.createBucket('library', { versions });
  await server.createBucket('neighbour');
  const secrets = {
    resolve: async (ref: string) => (ref === 'env:ID' ? server.accessKeyId : server.secretAccessKey),
  };
  const mebibyte = 2 ** 20;
  const connection = s3Connection(
    {
      endpoint: server.endpoint,
      accessKeyId: 'env:ID',
      secretAccessKey: 'env:SECRET',
      multipartThreshold: 6 * mebibyte,
      partSize: 5 * mebibyte,
      copyThreshold: 8 * mebibyte,
      copyPartSize: 5 * mebibyte,
    },
    secrets,
  );
  return {
    server,
    store: s3Store(`s3://library${prefix}`, connection),
    neighbour: s3Store('s3://neighbour', connection),
    cleanup: async () => {
      connection.client.destroy();
      await server.stop();
    },
  };
}

const prefixes = ['', '/a-prefix/of.two'];

/** A bucket that kept versions once may hold some for ever. */
async function saysThatItStopped(kind: S3ServerKind): Promise<void> {
  const { server, store, cleanup } = await openStores(kind, '', true);
  try {
    expect(await store.versioning?.()).toBe('enabled');
    const VersioningConfiguration = { Status: 'Suspended' } as const;
    await server.client.send(new PutBucketVersioningCommand({ Bucket: 'library', VersioningConfiguration }));
    expect(await store.versioning?.()).toBe('suspended');
  } finally {
    await cleanup();
  }
}

const withVersitygw = await requireOrSkip('versitygw', versitygwProgram);
withVersitygw('versitygw', () => {
  it('says that versions are kept no longer', () => saysThatItStopped('versitygw'));

  for (const prefix of prefixes) {
    describeObjectStore(
      `a bucket, location s3://library${prefix}`,
      () => openStores('versitygw', prefix, false),
      {
        beyondServer: isNoPath,
        lacks: ['folderRaces'],
      },
    );
  }
});

// ministack takes tags with an object of one request only.
const withMinistack = await requireOrSkip('ministack', ministackProgram);
withMinistack('ministack', () => {
  it('says that versions are kept no longer', () => saysThatItStopped('ministack'));

  for (const keepsVersions of [false, true]) {
    for (const prefix of prefixes) {
      describeObjectStore(
        `a bucket ${keepsVersions ? 'with' : 'without'} versions, location s3://library${prefix}`,
        () => openStores('ministack', prefix, keepsVersions),
        { keepsVersions, lacks: ['tagsOfParts'] },
      );
    }
  }
});
