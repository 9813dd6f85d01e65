import { EventEmitter, once } from 'node:events';
import type { Run, Unit } from '@lcb/core';
import type { LocalService, OwnerEvent } from '@lcb/functions-local';
import { tiny } from '../fixtures/index.ts';
import { movedTo, storesOf, uploadFolder } from './bucket-fixture.ts';
import { type FaultyS3, startFaultyS3 } from './faulty-s3.ts';
import {
  backupRequest,
  type LocalFixture,
  localFixture,
  type PlacedEnvironment,
  restoreRequest,
} from './local-fixture.ts';
import { filesBelow, verify } from './repository.ts';
import { runToEnd } from './run-to-end.ts';
import { type S3Server, startS3Server } from './s3-server.ts';

/** Few objects, so that a test may make many backups of them; and no rows of DBStore, which would explain an empty bucket. */
const spec = tiny({
  sitesPerCompany: 1,
  foldersPerSite: 1,
  filesPerFolder: 2,
  imagesPerCompany: 2,
  largeObjects: { ctsContent: 3, dlContent: 0 },
});

/** Buckets on a real server, reached only through a proxy that misbehaves; what a run did is judged without it. */
export interface BadStore {
  readonly fixture: LocalFixture;
  readonly proxy: FaultyS3;
  readonly server: S3Server;
  readonly service: LocalService;
  /** How many objects the library has. */
  readonly objects: number;
  /** The environment with its library in the bucket `library`, and with its own, empty place for backups in the bucket `backups`. */
  source(options?: { readonly backups?: 'bucket' | 'folder' }): PlacedEnvironment;
  /** A new environment with its library in the bucket `restored`. */
  target(): PlacedEnvironment;
  backUp(source: PlacedEnvironment, units?: readonly Unit[]): Promise<Run>;
  restore(
    source: PlacedEnvironment,
    backupId: string,
    target: PlacedEnvironment,
    units?: readonly Unit[],
  ): Promise<Run>;
  /** What is wrong with a backup, read from a store that is well again. */
  problemsOf(source: PlacedEnvironment, backupId: string): Promise<readonly string[]>;
  /** Waits until the service has a problem that ends no run. */
  untilProblem(): Promise<void>;
  remove(): Promise<void>;
}

/** @param options `versions`: of the bucket with the library, so that backups are of an exact moment */
export async function badStore(options: { readonly versions?: boolean } = {}): Promise<BadStore> {
  // The service's own tries are what is looked at, here and in jobs; the client's have tests of their own.
  process.env.AWS_MAX_ATTEMPTS = '1';
  const [fixture, server] = await Promise.all([localFixture(spec), startS3Server('versitygw')]);
  await server.createBucket('library', options);
  for (const bucket of ['backups', 'restored']) await server.createBucket(bucket);
  await uploadFolder(server, fixture.source.libraryFolder, 'library', '');
  const proxy = await startFaultyS3(server.endpoint);
  const reached = { ...server, endpoint: proxy.endpoint };
  const stores = ['library', 'backups', 'restored'].flatMap((bucket) =>
    // So that a small dump, too, is written in parts.
    storesOf(reached, bucket).map((store) => ({ ...store, multipartThreshold: 4_000 })),
  );
  const problems = new EventEmitter();
  const onEvent = (event: OwnerEvent) => void problems.emit(event.kind);
  const service = await fixture.open(await fixture.settings({}, stores), onEvent, {
    sleep: async (_seconds, signal) => signal.throwIfAborted(),
    // The library has been there for long, as far as the service can tell.
    clock: { now: () => new Date(Date.now() + 3_600_000).toISOString() },
  });
  let places = 0;
  const expectedObjects = (await filesBelow(fixture.source.libraryFolder)).length;
  return {
    fixture,
    proxy,
    server,
    service,
    objects: expectedObjects,
    source({ backups = 'bucket' } = {}) {
      places += 1;
      const location = `backups-${places}`;
      return movedTo(fixture.source, {
        library: 's3://library',
        backups: backups === 'bucket' ? `s3://backups/${location}` : `file://${fixture.folder}/${location}`,
      });
    },
    target() {
      places += 1;
      const name = `target-${places}`;
      return movedTo(fixture.newEnvironment(name), { library: `s3://restored/${name}` });
    },
    backUp: (source, units) =>
      runToEnd(service, backupRequest(source, { mode: 'full', ...(units === undefined ? {} : { units }) })),
    restore: (source, backupId, target, units) =>
      runToEnd(service, {
        ...restoreRequest(source, backupId, target),
        ...(units === undefined ? {} : { units: [...units] }),
      }),
    async problemsOf(source, backupId) {
      proxy.heal();
      const { problems, objects } = await verify(service, source, backupId);
      const missing = objects === expectedObjects ? [] : [`${objects} objects instead of ${expectedObjects}`];
      return [...problems.map((problem) => JSON.stringify(problem)), ...missing];
    },
    async untilProblem() {
      await once(problems, 'problem');
    },
    async remove() {
      delete process.env.AWS_MAX_ATTEMPTS;
      await service.close();
      await proxy.stop();
      await fixture.remove();
      await server.stop();
    },
  };
}
