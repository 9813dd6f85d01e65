import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Restore, RestoreRequest, RunRequest } from '@lcb/core';
import type { LocalService } from '@lcb/functions-local';
import { expect } from 'vitest';
import { type ComparisonReport, compareEnvironments } from '../compare/index.ts';
import { applyLibraryChanges, changeRows, folderTarget, storeTarget, tiny } from '../fixtures/index.ts';
import { compared, movedTo, storesOf, uploadFolder } from './bucket-fixture.ts';
import type { DatabaseKind } from './fixture-database.ts';
import {
  backupRequest,
  type LocalFixture,
  localFixture,
  type PlacedEnvironment,
  restoreRequest,
} from './local-fixture.ts';
import { verify } from './repository.ts';
import { runToEnd } from './run-to-end.ts';
import { type S3Server, startS3Server } from './s3-server.ts';

export const places = ['folder', 'bucket'] as const;
export type Place = (typeof places)[number];

const BUCKET = 'matrix';
const bucketUrl = (prefix: string) => `s3://${BUCKET}/${prefix}`;

/** One source on one server, its library in a folder and in a bucket, and a service that can reach both. */
export class MatrixLab {
  readonly fixture: LocalFixture;
  readonly server: S3Server;
  readonly service: LocalService;

  private constructor(fixture: LocalFixture, server: S3Server, service: LocalService) {
    this.fixture = fixture;
    this.server = server;
    this.service = service;
  }

  static async open(database: DatabaseKind): Promise<MatrixLab> {
    const spec = tiny({ companies: 2, partitioned: true, sitesPerCompany: 1 });
    const [fixture, server] = await Promise.all([
      localFixture(spec, { database }),
      startS3Server('versitygw'),
    ]);
    await server.createBucket(BUCKET);
    await uploadFolder(server, fixture.source.libraryFolder, BUCKET, 'library/');
    const service = await fixture.open(await fixture.settings({}, storesOf(server, BUCKET)));
    return new MatrixLab(fixture, server, service);
  }

  async close(): Promise<void> {
    await this.service.close();
    await this.fixture.remove();
    await this.server.stop();
  }

  /** The settings by which any other process reaches the bucket. */
  get stores() {
    return storesOf(this.server, BUCKET);
  }

  at(...names: string[]): string {
    return join(this.fixture.folder, ...names);
  }

  sourceIn(library: Place, backups: Place): PlacedEnvironment {
    const name = `backups-${library}-${backups}`;
    return movedTo(this.fixture.source, {
      library: library === 'bucket' ? bucketUrl('library') : undefined,
      backups: backups === 'bucket' ? bucketUrl(name) : pathToFileURL(this.at(name)).href,
    });
  }

  /** A new environment whose library is in this kind of place, and whose backups go where the source's go. */
  targetIn(library: Place, name: string, source: PlacedEnvironment): PlacedEnvironment {
    return movedTo(this.fixture.newEnvironment(name), {
      library: library === 'bucket' ? bucketUrl(`restored-${name}`) : undefined,
      backups: source.environment.backups.location,
    });
  }

  async succeeding(request: RunRequest) {
    const run = await runToEnd(this.service, request);
    expect([run.state, run.error]).toEqual(['Succeeded', undefined]);
    return run;
  }

  async restoring(request: RestoreRequest): Promise<Restore> {
    const run = await this.succeeding(request);
    if (run.kind !== 'restore') throw new TypeError('no restore');
    return run;
  }

  async backUp(source: PlacedEnvironment, mode: 'full' | 'incremental') {
    const { runId } = await this.succeeding(backupRequest(source, { mode }));
    return { backupId: runId, objects: await this.verified(source, runId) };
  }

  /** Reads every byte of a backup. Answers with the number of its objects. */
  async verified(source: PlacedEnvironment, backupId: string): Promise<number> {
    const { problems, objects } = await verify(this.service, source, backupId);
    expect(problems).toEqual([]);
    return objects;
  }

  /** Restores into an environment that has nothing yet, and asks the judge. */
  async restore(source: PlacedEnvironment, backupId: string, target: PlacedEnvironment) {
    await this.restoring(restoreRequest(source, backupId, target));
    return this.expectSame(source, target);
  }

  judge(a: PlacedEnvironment, b: PlacedEnvironment): Promise<ComparisonReport> {
    return compareEnvironments({ a: compared(a, this.server), b: compared(b, this.server) });
  }

  async expectSame(source: PlacedEnvironment, target: PlacedEnvironment) {
    const report = await this.judge(source, target);
    expect(report.differences).toEqual([]);
    expect(report.figures.b.rows).toBeGreaterThan(300);
    return report.figures.b;
  }

  libraryOf({ environment }: PlacedEnvironment) {
    return this.service.provider.objectStore(environment.documentLibrary?.location ?? '');
  }

  /** As the environment's users would; both libraries of the one database stay in step with it. */
  async change(step: number): Promise<void> {
    const { source, spec } = this.fixture;
    const changes = await changeRows(source.databaseUrl, spec, { step, replace: 2, add: 3, remove: 2 });
    const bucket = storeTarget(this.service.provider.objectStore(bucketUrl('library')));
    for (const target of [folderTarget(source.libraryFolder), bucket])
      await applyLibraryChanges(target, changes);
  }
}

/** The same environment where other names lead to its database and its library, as a swap tells them. */
export function renamed(
  place: PlacedEnvironment,
  names: { readonly database?: string | undefined; readonly documentLibrary?: string | undefined } = {},
): PlacedEnvironment {
  const { database, documentLibrary: library } = names;
  const moved = movedTo(place, { library });
  const libraryFolder = library?.startsWith('file:') ? fileURLToPath(library) : place.libraryFolder;
  if (database === undefined) return { ...moved, libraryFolder };
  const databaseUrl = new URL(place.databaseUrl);
  const before = decodeURIComponent(databaseUrl.pathname.slice(1));
  databaseUrl.pathname = new URL(database).pathname;
  const after = decodeURIComponent(databaseUrl.pathname.slice(1));
  const partitions = place.partitions.map((name) => name.replace(before, after));
  return { ...moved, libraryFolder, databaseUrl: databaseUrl.href, partitions };
}
