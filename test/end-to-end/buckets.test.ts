import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { openManifest, type Run, readIndex } from '@lcb/core';
import { requireOrSkip } from '@lcb/embedded-postgres/testing';
import type { LocalService } from '@lcb/functions-local';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareEnvironments } from '../compare/index.ts';
import { compared, movedTo, storesOf, tracesBelow, uploadFolder } from '../support/bucket-fixture.ts';
import {
  backupRequest,
  type LocalFixture,
  localFixture,
  type PlacedEnvironment,
  project,
  restoreRequest,
} from '../support/local-fixture.ts';
import { filesBelow } from '../support/repository.ts';
import { runToEnd } from '../support/run-to-end.ts';
import { ministackProgram, versitygwProgram } from '../support/s3-programs.ts';
import { type S3Server, type S3ServerKind, startS3Server } from '../support/s3-server.ts';

const bucket = 'acme';
const wrongKey = 'a-secret-that-is-wrong';
const withServers = await requireOrSkip('versitygw and ministack', async () => {
  await versitygwProgram();
  await ministackProgram();
});

/** ministack's bucket keeps versions, versitygw's does not. */
const kinds: readonly (readonly [S3ServerKind, { readonly versions: boolean }])[] = [
  ['versitygw', { versions: false }],
  ['ministack', { versions: true }],
];

withServers('libraries and backups in buckets', () => {
  describe.each(kinds)('of %s', (kind, options) => {
    let fixture: LocalFixture;
    let server: S3Server;
    let service: LocalService;
    beforeAll(async () => {
      server = await startS3Server(kind);
      await server.createBucket(bucket, options);
      fixture = await localFixture();
      await uploadFolder(server, fixture.source.libraryFolder, bucket, 'library/');
      process.env.LCB_TEST_S3_WRONG = wrongKey;
      const stores = storesOf(server, bucket).flatMap((store) => [
        store,
        { ...store, location: 's3://acme-not-there' },
        { ...store, location: `s3://${bucket}/wrong-key`, secretAccessKey: 'env:LCB_TEST_S3_WRONG' },
      ]);
      service = await fixture.open(await fixture.settings({}, stores));
    });
    afterAll(async () => {
      await service.close();
      await fixture.remove();
      await server.stop();
    });

    async function succeeded(run: Promise<Run>): Promise<Run> {
      const ended = await run;
      expect(ended.error).toBeUndefined();
      expect(ended.state).toBe('Succeeded');
      return ended;
    }
    async function manifestOf(place: PlacedEnvironment, backupId: string) {
      const store = service.provider.objectStore(place.environment.backups.location);
      const ref = { projectId: project, environment: 'prd' };
      return (await openManifest(store, ref, backupId, await service.trustedKeys())).value;
    }

    const places = ['folder', 'bucket'] as const;
    const matrix = places.flatMap((library) => places.map((backups) => [library, backups] as const));

    it.each(matrix.filter((pair) => pair.includes('bucket')))(
      'a library in a %s, backups in a %s: backed up, backed up again, restored into both',
      async (library, backups) => {
        const source = movedTo(fixture.source, {
          library: library === 'bucket' ? `s3://${bucket}/library` : undefined,
          backups: backups === 'bucket' ? `s3://${bucket}/backups-of-${library}` : undefined,
        });
        const first = await succeeded(runToEnd(service, backupRequest(source)));
        const next = await succeeded(runToEnd(service, backupRequest(source)));
        const manifest = await manifestOf(source, next.runId);
        expect(manifest.units.documentLibrary).toMatchObject({
          copiedObjects: 0,
          objects: (await filesBelow(fixture.source.libraryFolder)).length,
          references: [first.runId],
        });
        const name = `${library.slice(0, 1)}${backups.slice(0, 1)}`;
        const folder = fixture.newEnvironment(`${name}-folder`);
        const inBucket = movedTo(fixture.newEnvironment(`${name}-bucket`), {
          library: `s3://${bucket}/restored-${name}`,
        });
        for (const target of [folder, inBucket]) {
          await succeeded(runToEnd(service, restoreRequest(source, next.runId, target)));
          const { differences } = await compareEnvironments({
            a: compared(source, server),
            b: compared(target, server),
          });
          // A time in a bucket is whole seconds, and no folder holds a description.
          expect(differences).toEqual([]);
        }
      },
    );

    it('a backup that failed leaves nothing, no version and no marker', async () => {
      const source = movedTo(fixture.source, {
        library: `s3://${bucket}/nothing-here`,
        backups: `s3://${bucket}/failed`,
      });
      const failed = await runToEnd(service, backupRequest(source));
      expect(failed).toMatchObject({ state: 'Failed', error: { code: 'objectStore.locationMissing' } });
      const left = await tracesBelow(server, bucket, 'failed/');
      expect(left.filter((key) => !key.includes('/records/'))).toEqual([]);
    });

    it('no bucket and wrong credentials are said, with a word on what to do', async () => {
      const nowhere = movedTo(fixture.source, { library: 's3://acme-not-there/library' });
      const failed = await runToEnd(service, backupRequest(nowhere));
      expect(failed).toMatchObject({ state: 'Failed', error: { code: 'objectStore.locationMissing' } });
      expect(failed.error?.message).toContain('s3://acme-not-there');

      // ministack lets everybody in.
      if (kind === 'ministack') return;
      const locked = movedTo(fixture.source, { library: `s3://${bucket}/wrong-key` });
      const refused = await runToEnd(service, backupRequest(locked));
      expect(refused).toMatchObject({ state: 'Failed', error: { code: 'objectStore.credentials' } });
      expect(JSON.stringify(refused)).not.toContain(wrongKey);
    });
  });

  describe('whose keys no folder can hold', () => {
    let fixture: LocalFixture;
    let server: S3Server;
    let service: LocalService;
    const awkward = [
      'a//b',
      '/leading',
      'trailing/',
      'up/../away',
      './here',
      'clash',
      'clash/below',
      'clash-between',
      'case',
      'Case',
      'x'.repeat(300),
      'control\u0001\u001f\n',
      'ü',
      'u\u0308',
      ' +%20?#&\\',
      '',
    ].map((key) => `20097/${key}`);

    beforeAll(async () => {
      server = await startS3Server('ministack');
      await server.createBucket(bucket);
      for (const Key of awkward) {
        await server.client.send(
          new PutObjectCommand({ Bucket: bucket, Key: `awkward/${Key}`, Body: `bytes of ${Key}` }),
        );
      }
      fixture = await localFixture();
      service = await fixture.open(await fixture.settings({}, storesOf(server, bucket)));
    });
    afterAll(async () => {
      await service.close();
      await fixture.remove();
      await server.stop();
    });

    it('are backed up into a folder all the same, restored into a bucket, and refused by a folder before anything starts', async () => {
      const source = movedTo(fixture.source, { library: `s3://${bucket}/awkward` });
      const backup = await runToEnd(service, backupRequest(source));
      expect(backup).toMatchObject({ state: 'Succeeded' });

      const store = service.provider.objectStore(source.environment.backups.location);
      const ref = { projectId: project, environment: 'prd' };
      const { value } = await openManifest(store, ref, backup.runId, await service.trustedKeys());
      const hashed: string[] = [];
      for await (const { key, copy } of readIndex(store, ref, value)) {
        if (copy.path.includes('/objects-long/')) hashed.push(key.slice('20097/'.length));
      }
      expect(hashed.sort()).toEqual(
        ['a//b', '/leading', 'trailing/', 'up/../away', './here', 'clash/below', 'x'.repeat(300), ''].sort(),
      );

      const target = movedTo(fixture.newEnvironment('awkward'), {
        library: `s3://${bucket}/awkward-restored`,
      });
      expect(await runToEnd(service, restoreRequest(source, backup.runId, target))).toMatchObject({
        state: 'Succeeded',
      });
      const restored: Record<string, string> = {};
      const { Contents = [] } = await server.client.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: 'awkward-restored/', EncodingType: 'url' }),
      );
      for (const { Key = '' } of Contents) {
        const key = decodeURIComponent(Key.replaceAll('+', ' '));
        const { Body } = await server.client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        restored[key.slice('awkward-restored/'.length)] = (await Body?.transformToString()) ?? '';
      }
      expect(restored).toEqual(Object.fromEntries(awkward.map((key) => [key, `bytes of ${key}`])));

      const folder = fixture.newEnvironment('folder');
      const refused = await runToEnd(service, restoreRequest(source, backup.runId, folder));
      expect(refused).toMatchObject({ state: 'Failed', error: { code: 'restore.keysRefused' } });
      expect(refused.error?.message).toContain("can't hold 8 of the keys");
      expect(refused.error?.message).toContain('"20097/clash/below": "20097/clash" is an object too');
      expect(await service.provider.databaseTargetState(databaseOf(folder), 'another')).not.toBe('occupied');
      await expect(writeFile(join(folder.libraryFolder, 'x'), '')).rejects.toThrow('ENOENT');
    });
  });
});

function databaseOf({ environment }: PlacedEnvironment) {
  if (environment.database === undefined) throw new Error('It has none.');
  return environment.database;
}
