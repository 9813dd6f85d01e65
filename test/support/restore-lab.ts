import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Restore, Run, RunRequest } from '@lcb/core';
import type { LocalService, OwnerEvent } from '@lcb/functions-local';
import { expect } from 'vitest';
import { compareEnvironments, type Difference } from '../compare/index.ts';
import { changeEnvironment } from '../fixtures/index.ts';
import { withClient } from '../fixtures/postgresql/connect.ts';
import {
  backupRequest,
  type LocalFixture,
  localFixture,
  type PlacedEnvironment,
  restoreRequest,
} from './local-fixture.ts';
import { filesBelow, folderOf } from './repository.ts';
import { runToEnd } from './run-to-end.ts';

/** A source that was backed up once, and environments to restore it over. */
export interface RestoreLab {
  readonly service: LocalService;
  readonly source: PlacedEnvironment;
  /** Of the source, with a library of several shards. */
  readonly backupId: string;
  /** An environment of this name that nothing has written to yet. */
  newEnvironment(name: string): PlacedEnvironment;
  /** An environment that was restored and has moved on since: other rows, other objects, more large objects. */
  livingEnvironment(name: string): Promise<PlacedEnvironment>;
  /** Restores what was sealed of an environment, to be compared with what it is now. */
  asItWas(name: string, from: PlacedEnvironment, backupId: string): Promise<PlacedEnvironment>;
  /** A backup with one object whose copy was changed, which a restore meets after the database was loaded. */
  damagedBackup(): Promise<string>;
  succeeding(request: RunRequest): Promise<Run>;
  restoring(request: RunRequest): Promise<Restore>;
  /** From now on this happens at every step's edge, until `leaveAlone`. */
  disturb(disturbance: Disturbance): void;
  leaveAlone(): void;
  /** The rows of one statement, unqualified names being those of the environment's schema. */
  query(environment: PlacedEnvironment, sql: string): Promise<Record<string, unknown>[]>;
  differences(a: PlacedEnvironment, b: PlacedEnvironment): Promise<readonly Difference[]>;
  close(): Promise<void>;
}

type Disturbance = (event: OwnerEvent) => void | Promise<void>;

const undisturbed: Disturbance = () => undefined;

export async function restoreLab(): Promise<RestoreLab> {
  const fixture = await localFixture();
  try {
    return await openLab(fixture);
  } catch (error) {
    await fixture.remove();
    throw error;
  }
}

async function openLab(fixture: LocalFixture): Promise<RestoreLab> {
  const { source, spec, newEnvironment } = fixture;
  let disturbance = undisturbed;
  const settings = await fixture.settings({ shardObjects: 40 });
  const service = await fixture.open(settings, (event) => disturbance(event));

  async function succeeding(request: RunRequest): Promise<Run> {
    const run = await runToEnd(service, request);
    expect(run).toMatchObject({ state: 'Succeeded' });
    return run;
  }

  const query = (environment: PlacedEnvironment, sql: string) =>
    withClient(environment.databaseUrl, async (client) => {
      await client.query(`SET search_path = ${spec.schema}, public`);
      return (await client.query<Record<string, unknown>>(sql)).rows;
    });

  async function asItWas(name: string, from: PlacedEnvironment, id: string): Promise<PlacedEnvironment> {
    const placed = newEnvironment(name);
    await succeeding(restoreRequest(from, id, placed));
    return placed;
  }

  const { runId: backupId } = await succeeding(backupRequest(source)).catch(async (error: unknown) => {
    await service.close();
    throw error;
  });
  return {
    service,
    source,
    backupId,
    newEnvironment,
    async livingEnvironment(name) {
      const placed = await asItWas(name, source, backupId);
      const { databaseUrl, libraryFolder } = placed;
      await changeEnvironment({ databaseUrl, libraryFolder }, spec, {
        step: 1,
        replace: 3,
        add: 4,
        remove: 5,
      });
      await query(placed, 'CREATE TABLE added_later AS SELECT 1 AS id');
      await query(placed, 'SELECT lo_create(990001), lo_create(990002)');
      return placed;
    },
    asItWas,
    async damagedBackup() {
      const { runId } = await succeeding(backupRequest(source, { mode: 'full' }));
      const backups = folderOf(source.environment.backups.location);
      const folder = join(backups, `retail/prd/backups/${runId}/objects`);
      const victim = (await filesBelow(folder)).at(-1) ?? '';
      const bytes = await readFile(join(folder, victim));
      await writeFile(
        join(folder, victim),
        Buffer.concat([Buffer.from([(bytes[0] ?? 0) ^ 1]), bytes.subarray(1)]),
      );
      return runId;
    },
    succeeding,
    async restoring(request) {
      const run = await runToEnd(service, request);
      if (run.kind !== 'restore') throw new TypeError('no restore');
      return run;
    },
    disturb(next) {
      disturbance = next;
    },
    leaveAlone() {
      disturbance = undisturbed;
    },
    query,
    differences: async (a, b) => (await compareEnvironments({ a, b })).differences,
    async close() {
      await service.close();
      await fixture.remove();
    },
  };
}
