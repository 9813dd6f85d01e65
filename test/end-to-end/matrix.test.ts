import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findMariadb } from '@lcb/database-dump/testing';
import { requireOrSkip } from '@lcb/embedded-postgres/testing';
import type { LocalService } from '@lcb/functions-local';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compareEnvironments } from '../compare/index.ts';
import { applyLibraryChanges, changeRows, folderTarget, storeTarget, tiny } from '../fixtures/index.ts';
import { compared, movedTo, storesOf, uploadFolder } from '../support/bucket-fixture.ts';
import {
  backupRequest,
  type LocalFixture,
  localFixture,
  type PlacedEnvironment,
  restoreRequest,
} from '../support/local-fixture.ts';
import { verify } from '../support/repository.ts';
import { runToEnd } from '../support/run-to-end.ts';
import { versitygwProgram } from '../support/s3-programs.ts';
import { type S3Server, startS3Server } from '../support/s3-server.ts';

const BUCKET = 'matrix';
const PLACES = ['folder', 'bucket'] as const;
type Place = (typeof PLACES)[number];
const CELLS = PLACES.flatMap((library) => PLACES.map((backups) => ({ library, backups }) as const));
const spec = tiny({ companies: 2, partitioned: true, sitesPerCompany: 1 });

const withServers = await requireOrSkip('MariaDB and versitygw', async () => {
  await findMariadb();
  await versitygwProgram();
});

/** Every kind of source, with every kind of place for its library and for its backups, on servers that the cells share. */
for (const database of ['postgresql', 'mariadb'] as const) {
  withServers(`a database on ${database}`, () => {
    let fixture: LocalFixture;
    let server: S3Server;
    let service: LocalService;
    beforeAll(async () => {
      [fixture, server] = await Promise.all([localFixture(spec, { database }), startS3Server('versitygw')]);
      await server.createBucket(BUCKET);
      await uploadFolder(server, fixture.source.libraryFolder, BUCKET, 'library/');
      service = await fixture.open(await fixture.settings({}, storesOf(server, BUCKET)));
    });
    afterAll(async () => {
      await service?.close();
      await fixture?.remove();
      await server?.stop();
    });

    const bucketUrl = (prefix: string) => `s3://${BUCKET}/${prefix}`;
    const locationIn = (place: Place, name: string) =>
      place === 'bucket' ? bucketUrl(name) : pathToFileURL(join(fixture.folder, name)).href;

    async function backUp(source: PlacedEnvironment, mode: 'full' | 'incremental') {
      const run = await runToEnd(service, backupRequest(source, { mode }));
      expect([run.state, run.error]).toEqual(['Succeeded', undefined]);
      const { problems, objects } = await verify(service, source, run.runId);
      expect(problems).toEqual([]);
      return { backupId: run.runId, objects };
    }

    /** Restores into a new environment whose library is in this kind of place, and asks the judge. */
    async function restore(source: PlacedEnvironment, backupId: string, name: string, library: Place) {
      const location = library === 'bucket' ? bucketUrl(`restored-${name}`) : undefined;
      const target = movedTo(fixture.newEnvironment(name), { library: location });
      const run = await runToEnd(service, restoreRequest(source, backupId, target));
      expect([run.state, run.error]).toEqual(['Succeeded', undefined]);
      const report = await compareEnvironments({ a: compared(source, server), b: compared(target, server) });
      expect(report.differences).toEqual([]);
      expect(report.figures.b.rows).toBeGreaterThan(300);
      return report.figures.b;
    }

    /** As the environment's users would; both libraries of the one database stay in step with it. */
    async function change(step: number) {
      const changes = await changeRows(fixture.source.databaseUrl, spec, {
        step,
        replace: 2,
        add: 3,
        remove: 2,
      });
      const bucket = storeTarget(service.provider.objectStore(bucketUrl('library')));
      for (const target of [folderTarget(fixture.source.libraryFolder), bucket])
        await applyLibraryChanges(target, changes);
    }

    it.each(CELLS)(
      'library in a $library, backups in a $backups: full, incremental, verified, restored',
      {
        timeout: 240_000,
      },
      async ({ library, backups }) => {
        const cell = `${library}-${backups}`;
        const source = movedTo(fixture.source, {
          library: library === 'bucket' ? bucketUrl('library') : undefined,
          backups: locationIn(backups, `backups-${cell}`),
        });
        const full = await backUp(source, 'full');
        await restore(source, full.backupId, `f-${cell}`, library);

        await change(1 + CELLS.findIndex((one) => one.library === library && one.backups === backups));
        const next = await backUp(source, 'incremental');
        // Into the other kind of place.
        const other = library === 'bucket' ? 'folder' : 'bucket';
        const restored = await restore(source, next.backupId, `i-${cell}`, other);
        expect(restored.objects).toBe(next.objects);
      },
    );
  });
}
