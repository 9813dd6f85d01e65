import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  type BackupRequest,
  backupRequestSchema,
  type CopyRequest,
  copyRequestSchema,
  type DatabaseConnection,
  type DeleteRequest,
  deleteRequestSchema,
  type Environment,
  environmentSchema,
  type RestoreRequest,
  restoreRequestSchema,
  type StoreSettings,
  type SweepRequest,
  sweepRequestSchema,
  type Unit,
  type VerifyRunRequest,
  verifyRequestSchema,
} from '@lcb/core';
import { chooseServerMajor } from '@lcb/embedded-postgres';
import { serverFolder, throwawayServer } from '@lcb/embedded-postgres/testing';
import {
  type LocalService,
  type LocalServiceOptions,
  type LocalSettings,
  localSettingsSchema,
  type OwnerEvent,
  openLocalService,
} from '@lcb/functions-local';
import { createDatabase, type EnvironmentSpec, fillLibraryFolder, tiny } from '../fixtures/index.ts';
import {
  type DatabaseKind,
  mariadbDatabase,
  type PlacedDatabase,
  postgresqlDatabase,
  SOURCE_DATABASE,
} from './fixture-database.ts';

export const project = 'retail';

/** One filled Liferay-shaped environment on a real server, and what is needed to back it up and restore it elsewhere. */
export interface LocalFixture {
  readonly folder: string;
  readonly spec: EnvironmentSpec;
  readonly source: PlacedEnvironment;
  /** An environment of this name that nothing has written to yet. */
  newEnvironment(name: string): PlacedEnvironment;
  /** Settings of a service with a catalog of its own. */
  settings(limits?: Record<string, number>, stores?: readonly StoreSettings[]): Promise<LocalSettings>;
  open(
    settings: LocalSettings,
    onEvent?: (event: OwnerEvent) => void | Promise<void>,
    time?: ServiceTime,
  ): Promise<LocalService>;
  remove(): Promise<void>;
}

/** Where an environment's data is; the URL has the password. */
export interface PlacedEnvironment extends Omit<PlacedDatabase, 'declared'> {
  readonly environment: Environment;
  readonly libraryFolder: string;
}

/** Another clock for the service, or another way of waiting between two tries of a step. */
export type ServiceTime = Pick<LocalServiceOptions, 'clock' | 'sleep'>;

/** What an environment is kept in. */
export interface FixtureKinds {
  /** `postgresql` when left out. The catalog is in PostgreSQL either way. */
  readonly database?: DatabaseKind;
  /** More settings of its server. */
  readonly serverSettings?: Readonly<Record<string, string>>;
}

const jobMain = fileURLToPath(new URL('job-main.ts', import.meta.url));

export async function localFixture(
  spec: EnvironmentSpec = tiny(),
  kinds: FixtureKinds = {},
): Promise<LocalFixture> {
  const folder = await serverFolder();
  const { binaries } = await chooseServerMajor();
  const isMariadb = kinds.database === 'mariadb';
  const server = await throwawayServer({
    binaries,
    settings: { max_connections: '200', ...(isMariadb ? {} : kinds.serverSettings) },
  });
  const databases = isMariadb
    ? await mariadbDatabase(spec, kinds.serverSettings)
    : postgresqlDatabase(server);

  function place(name: string, database: string): PlacedEnvironment {
    const { declared, ...placed } = databases.place(database);
    const libraryFolder = join(folder, `library-${name}`);
    const environment = environmentSchema.parse({
      projectId: project,
      environment: name,
      database: declared,
      documentLibrary: { location: pathToFileURL(libraryFolder).href },
      backups: { location: pathToFileURL(join(folder, 'backups')).href },
    });
    return { environment, ...placed, libraryFolder };
  }

  const source = place('prd', SOURCE_DATABASE);
  await databases.fill(spec);
  await fillLibraryFolder(spec, source.libraryFolder);
  let catalogs = 0;

  return {
    folder,
    spec,
    source,
    newEnvironment: (name) => place(name, name.replaceAll('-', '_')),
    async settings(limits = {}, stores = []) {
      catalogs += 1;
      const url = await createDatabase(server.url, `catalog_${catalogs}`);
      return localSettingsSchema.parse({
        stateDirectory: join(folder, `state-${catalogs}`),
        baseDirectory: folder,
        catalog: { kind: 'postgresql', url },
        environments: [],
        // Hooks of tests are on loopback.
        egress: { allow: ['127.0.0.1'] },
        limits,
        stores,
      });
    },
    open: (settings, onEvent = () => undefined, time = {}) =>
      openLocalService({ ...serviceOptions(settings, onEvent), ...time }),
    async remove() {
      await databases.remove();
      await server.remove();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function serviceOptions(
  settings: LocalSettings,
  onEvent: (event: OwnerEvent) => void | Promise<void>,
): LocalServiceOptions {
  const jobCommand: LocalServiceOptions['jobCommand'] = [process.execPath, jobMain, settings.baseDirectory];
  return { settings, jobCommand, serviceVersion: 'test', onEvent };
}

function requestBase(environment: Environment, requestId: string) {
  return {
    requestId,
    correlationId: requestId,
    projectId: environment.projectId,
    environment: environment.environment,
    initiator: 'alice@example.com',
    requestedAt: new Date().toISOString(),
  };
}

export function backupRequest(
  { environment }: PlacedEnvironment,
  options: {
    readonly requestId?: string;
    readonly mode?: 'full' | 'incremental';
    readonly consistency?: BackupRequest['consistency'];
    readonly units?: readonly Unit[];
  } = {},
): BackupRequest {
  return backupRequestSchema.parse({
    kind: 'backup',
    ...requestBase(environment, options.requestId ?? randomUUID()),
    units: options.units ?? ['database', 'documentLibrary'],
    mode: options.mode ?? 'incremental',
    consistency: options.consistency ?? 'automatic',
    source: environment,
  });
}

export function restoreRequest(
  source: PlacedEnvironment,
  backupId: string,
  target: PlacedEnvironment,
  requestId: string = randomUUID(),
): RestoreRequest {
  return restoreRequestSchema.parse({
    kind: 'restore',
    ...requestBase(source.environment, requestId),
    backupId,
    backup: { environment: source.environment.environment, location: source.environment.backups.location },
    units: ['database', 'documentLibrary'],
    target: target.environment,
  });
}

/** Copies a backup into the folder of this name beside the backups. */
export function copyRequest(
  source: PlacedEnvironment,
  backupId: string,
  folder: string,
  requestId: string = randomUUID(),
): CopyRequest {
  const { environment, backups } = source.environment;
  return copyRequestSchema.parse({
    kind: 'copy',
    ...requestBase(source.environment, requestId),
    backupId,
    backup: { environment, location: backups.location },
    to: new URL(folder, backups.location).href,
  });
}

/** Verifies a backup by restoring its database on the server of its environment, or on another. */
export function verifyRequest(
  source: PlacedEnvironment,
  backupId: string,
  server: DatabaseConnection | undefined = source.environment.database,
): VerifyRunRequest {
  const { environment, backups } = source.environment;
  return verifyRequestSchema.parse({
    kind: 'verify',
    ...requestBase(source.environment, randomUUID()),
    backupId,
    backup: { environment, location: backups.location },
    server,
  });
}

/** A restore over what an environment holds, confirmed, with the backup of it taken before. */
export function replacingRequest(
  source: PlacedEnvironment,
  backupId: string,
  target: PlacedEnvironment,
  changes: Partial<RestoreRequest> = {},
): RestoreRequest {
  const { environment } = target;
  return {
    ...restoreRequest(source, backupId, target),
    mode: 'inPlace',
    confirmation: environment.environment,
    safetyBackup: { kind: 'take', source: environment },
    ...changes,
  };
}

export function deleteRequest(source: PlacedEnvironment, backupId: string): DeleteRequest {
  const { environment, backups } = source.environment;
  return deleteRequestSchema.parse({
    kind: 'delete',
    ...requestBase(source.environment, randomUUID()),
    backupId,
    backup: { environment, location: backups.location },
    reason: 'no longer needed',
  });
}

/** Gives space back at once: nothing is left alone because it is young. */
export function sweepRequest({ environment }: PlacedEnvironment): SweepRequest {
  return sweepRequestSchema.parse({
    kind: 'sweep',
    ...requestBase(environment, randomUUID()),
    location: environment.backups.location,
    graceSeconds: 0,
  });
}
