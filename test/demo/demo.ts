import { randomUUID } from 'node:crypto';
import { chmod, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  backupRequestSchema,
  type Environment,
  environmentSchema,
  LcbError,
  type Run,
  type RunRequest,
  restoreRequestSchema,
  verifyBackup,
} from '@lcb/core';
import { chooseServerMajor, startServer } from '@lcb/embedded-postgres';
import { serverFolder } from '@lcb/embedded-postgres/testing';
import { type LocalService, localSettingsSchema, openLocalService } from '@lcb/functions-local';
import { type ComparisonReport, compareEnvironments } from '../compare/index.ts';
import { createDatabase, fillLibraryFolder, fillPostgresql, sample } from '../fixtures/index.ts';
import { type DemoReporter, formatBytes } from './reporter.ts';

export interface DemoOptions {
  readonly reporter: DemoReporter;
  /** Leave everything in place afterwards, and say where. */
  readonly keep: boolean;
  readonly signal: AbortSignal;
}

/** The JSON document of `npm start --silent -- --json`. Sizes in bytes, durations in seconds. */
export interface DemoResult {
  readonly equal: boolean;
  readonly postgresql: { readonly server: number; readonly clientTools: string };
  readonly environment: {
    readonly tables: number;
    readonly rows: number;
    readonly objects: number;
    readonly bytes: number;
  };
  readonly backup: { readonly backupId: string; readonly storedBytes: number; readonly seconds: number };
  readonly verification: { readonly ok: boolean; readonly bytesRead: number; readonly seconds: number };
  readonly restore: { readonly restoreId: string; readonly seconds: number };
  readonly comparison: ComparisonReport;
}

const project = 'retail';
const entry = fileURLToPath(import.meta.resolve('@lcb/cli/main'));

/** Makes an environment, backs it up, verifies the backup, restores it into a new environment and compares the two. */
export async function runDemo({ reporter, keep, signal }: DemoOptions): Promise<DemoResult> {
  const folder = await serverFolder();
  await chmod(folder, 0o755);
  const spec = sample();
  reporter.line('Liferay backup and restore, from nothing to a verified restore on this machine\n');
  const closing: (() => Promise<void>)[] = [];
  try {
    const postgres = await chooseServerMajor();
    const { value: server } = await reporter.stage('start PostgreSQL for the sample', async () => {
      const value = await startServer({
        dataDir: join(folder, 'sample-server'),
        binaries: postgres.binaries,
        durability: 'throwaway',
      });
      return { value, summary: `version ${value.major}, pg_dump ${postgres.tools.version}` };
    });
    closing.push(() => server.stop('immediate'));

    const source = {
      database: await createDatabase(server.url, 'lportal'),
      library: join(folder, 'document_library'),
    };
    const { value: filled } = await reporter.stage('fill a sample Liferay environment', async (progress) => {
      progress('database');
      const database = await fillPostgresql(spec, source.database);
      progress('document library');
      const library = await fillLibraryFolder(spec, source.library);
      return {
        value: { database, library },
        summary: `${library.objects} objects, ${formatBytes(library.bytes)}`,
      };
    });

    const { value: service } = await reporter.stage('start the service and its catalog', async () => {
      const value = await openLocalService({
        settings: settings(folder, [declare('prd', source.database, source.library, folder)]),
        jobCommand: [process.execPath, entry, 'job', '--base', folder, '--'],
        serviceVersion: 'demo',
        onEvent: (event) => {
          if (event.kind === 'problem') reporter.line(`    ${event.message}`);
        },
      });
      return { value, summary: 'embedded PostgreSQL 18' };
    });
    closing.unshift(() => service.close());

    const environment = declare('prd', source.database, source.library, folder);
    const backup = await reporter.stage('back up database and library', async (progress) => {
      const run = await finish(service, backupRequest(environment), progress, signal);
      return { value: run, summary: describeBackup(run) };
    });

    const verification = await reporter.stage('verify every byte and the signature', async (progress) => {
      const value = await verifyBackup({
        store: service.provider.objectStore(environment.backups.location),
        backup: { projectId: project, environment: 'prd', backupId: backup.value.runId },
        trustedKeys: await service.trustedKeys(),
        concurrency: 8,
        signal,
        onProgress: ({ bytes }) => progress(formatBytes(bytes)),
      });
      if (!value.ok) throw new LcbError({ code: 'demo.notVerified', message: value.problems.join('\n') });
      return {
        value,
        summary: `${value.objects} objects, ${value.artefacts} artefacts, ${formatBytes(value.bytesRead)} read`,
      };
    });

    const target = {
      database: siblingDatabase(source.database, 'lportal_restored'),
      library: join(folder, 'document_library-restored'),
    };
    const restore = await reporter.stage('restore into a new environment', async (progress) => {
      const declared = declare('prd-restored', target.database, target.library, folder);
      const run = await finish(
        service,
        restoreRequest(environment, backup.value.runId, declared),
        progress,
        signal,
      );
      return { value: run, summary: run.runId };
    });

    const comparison = await reporter.stage('compare both, row by row, byte by byte', async () => {
      const value = await compareEnvironments({
        a: { databaseUrl: source.database, libraryFolder: source.library },
        b: { databaseUrl: target.database, libraryFolder: target.library },
      });
      return { value, summary: value.equal ? 'equal' : `${value.differenceTotal} differences` };
    });

    const { figures } = comparison.value;
    const equal = comparison.value.equal;
    for (const { kind, name, detail } of comparison.value.differences.slice(0, 20)) {
      reporter.line(`    ${kind} ${name}: ${detail}`);
    }
    reporter.line(
      equal
        ? `\nThe restored environment equals the original: ${figures.a.tables} tables, ${figures.a.rows} rows, ${figures.a.objects} objects.`
        : '\nThe restored environment DIFFERS from the original.',
    );
    reporter.line(
      keep
        ? `Everything is still in ${folder}.`
        : 'Everything that was made for this has been removed again (--keep leaves it).',
    );
    return {
      equal,
      postgresql: { server: server.major, clientTools: postgres.tools.version },
      environment: {
        tables: figures.a.tables,
        rows: figures.a.rows,
        objects: filled.library.objects,
        bytes: filled.library.bytes,
      },
      backup: {
        backupId: backup.value.runId,
        storedBytes: storedBytes(backup.value),
        seconds: backup.seconds,
      },
      verification: {
        ok: verification.value.ok,
        bytesRead: verification.value.bytesRead,
        seconds: verification.seconds,
      },
      restore: { restoreId: restore.value.runId, seconds: restore.seconds },
      comparison: comparison.value,
    };
  } finally {
    for (const close of closing) await close();
    if (!keep) await rm(folder, { recursive: true, force: true });
  }
}

function declare(environment: string, databaseUrl: string, library: string, folder: string): Environment {
  const url = new URL(databaseUrl);
  // The password goes the way of every secret: by reference.
  process.env.LCB_DEMO_DATABASE_PASSWORD = decodeURIComponent(url.password);
  url.password = '';
  return environmentSchema.parse({
    projectId: project,
    environment,
    database: { engine: 'postgresql', url: url.href, secret: 'env:LCB_DEMO_DATABASE_PASSWORD' },
    documentLibrary: { location: pathToFileURL(library).href },
    backups: { location: pathToFileURL(join(folder, 'backups')).href },
  });
}

function settings(folder: string, environments: Environment[]) {
  return localSettingsSchema.parse({
    stateDirectory: join(folder, 'state'),
    baseDirectory: folder,
    catalog: { kind: 'embedded' },
    environments,
    limits: {},
  });
}

function requestBase() {
  const id = randomUUID();
  return {
    requestId: id,
    correlationId: id,
    projectId: project,
    environment: 'prd',
    initiator: 'demo',
    requestedAt: new Date().toISOString(),
  };
}

function backupRequest(source: Environment): RunRequest {
  return backupRequestSchema.parse({
    kind: 'backup',
    ...requestBase(),
    units: ['database', 'documentLibrary'],
    source,
  });
}

function restoreRequest(source: Environment, backupId: string, target: Environment): RunRequest {
  return restoreRequestSchema.parse({
    kind: 'restore',
    ...requestBase(),
    backupId,
    backup: { environment: 'prd', location: source.backups.location },
    units: ['database', 'documentLibrary'],
    target,
  });
}

async function finish(
  service: LocalService,
  request: RunRequest,
  progress: (text: string) => void,
  signal: AbortSignal,
): Promise<Run> {
  const submitted = await service.submit(request);
  const run = await service.waitFor(submitted, (now) => progress(describeProgress(now)), signal);
  if (run.state === 'Succeeded') return run;
  throw new LcbError({
    code: 'demo.failed',
    message: `${run.runId} is ${run.state}: ${run.error?.message ?? ''}`,
  });
}

function describeProgress(run: Run): string {
  const units = Object.entries(run.units).map(([unit, status]) => `${unit} ${status.progress ?? 0} %`);
  return [run.state, ...units].join(', ');
}

function describeBackup(run: Run): string {
  const { database, documentLibrary } = run.units;
  return `database ${formatBytes(database?.bytes ?? 0)} as ${formatBytes(database?.storedBytes ?? 0)}, library ${formatBytes(documentLibrary?.storedBytes ?? 0)}`;
}

function storedBytes(run: Run): number {
  return (run.units.database?.storedBytes ?? 0) + (run.units.documentLibrary?.storedBytes ?? 0);
}

function siblingDatabase(url: string, name: string): string {
  const sibling = new URL(url);
  sibling.pathname = `/${name}`;
  return sibling.href;
}
