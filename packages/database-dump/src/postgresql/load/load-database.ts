import {
  type DatabaseDump,
  type DatabaseLoad,
  InvalidRequestError,
  LcbError,
  type LoadRequest,
  type OpenConnection,
  type PostgresqlLocale,
} from '@lcb/core';
import { type ExpectedTables, readExpectedTables } from '../../counts/compare-tables.ts';
import { FailureScope } from '../../stream/failure-scope.ts';
import { readServerVersion } from '../catalog/database-facts.ts';
import { type ClientTools, type FindClientTools, toolsForServer } from '../client-tools.ts';
import { describeEndpoint, type Endpoint, parseEndpoint } from '../connection/endpoint.ts';
import { type Session, withSession } from '../connection/session.ts';
import { dismissGuest } from '../guest/dismiss-guest.ts';
import { needsGuest } from '../guest/with-guest.ts';
import { applySettings } from './apply-settings.ts';
import { countLoaded } from './count-loaded.ts';
import { dumpHash, withSource } from './dump-source.ts';
import { emptyDatabase } from './empty-database.ts';
import { assertVersionsFit } from './fitting-versions.ts';
import { loadAsGuest } from './load-as-guest.ts';
import { withMaintenance } from './maintenance.ts';
import { runPsql } from './run-psql.ts';
import { hasSections, loadSections } from './sections/load-sections.ts';
import { createDatabase, dropDatabase, writeMark } from './target-database.ts';
import { readTarget } from './target-state.ts';

export interface LoadOptions {
  readonly clientTools: FindClientTools;
  /** See `emptyDatabase`. */
  readonly lockWait: number;
  /** How many sessions load at a time. */
  readonly workers: number;
}

/**
 * Loads a dump into a new database, or into an empty one. The database carries this run's mark from the start, and once
 * the load is complete also the dump's hash: repeated, a load that had been complete only counts again, and any other is
 * dropped and begun anew.
 */
export async function loadDatabase(request: LoadRequest, options: LoadOptions): Promise<DatabaseLoad> {
  const endpoint = parseEndpoint(request.connection);
  const scope = new FailureScope(request.signal);
  return await scope.run(async () => {
    const { store, backupPrefix, dump, runId } = request;
    const expected = await readExpectedTables(store, backupPrefix, dump, scope.signal);
    const loaded = dumpHash(dump.parts);
    const target = await prepareTarget(request, endpoint, options, loaded);
    const load = request.untrusted === true ? loadUntrusted : loadTrusted;
    const counted = await load(request, endpoint, { target, expected, workers: options.workers, scope });
    await withMaintenance(endpoint, async (session) => {
      await session.run('SET synchronous_commit = on');
      await writeMark(session, endpoint.database, { runId, loaded, untrusted: request.untrusted === true });
    });
    return { ...counted, settingsLeftOut: target.settingsLeftOut };
  });
}

interface PreparedTarget {
  readonly serverMajor: number;
  readonly tools: ClientTools;
  /** This run has loaded it completely before. */
  readonly isLoaded: boolean;
  readonly settingsLeftOut: DatabaseLoad['settingsLeftOut'];
}

interface Loading {
  readonly target: PreparedTarget;
  readonly expected: ExpectedTables;
  readonly workers: number;
  readonly scope: FailureScope;
}

async function loadTrusted(
  request: LoadRequest,
  endpoint: Endpoint,
  { target, expected, workers, scope }: Loading,
) {
  const { signal } = scope;
  if (!target.isLoaded) {
    const { tools, serverMajor } = target;
    const psql = { program: tools.psql, endpoint, serverMajor };
    const { parts } = request.dump;
    await withSource(request, signal, (read) =>
      hasSections(parts) && workers > 1
        ? loadSections({ psql, parts, read, workers, scope })
        : runPsql({ ...psql, source: read(parts), signal }),
    );
    const [, counted] = await scope.settle([
      scope.run(() => analyze(endpoint, signal)),
      scope.run(() => countLoaded(endpoint, expected, signal)),
    ]);
    return counted;
  }
  return await countLoaded(endpoint, expected, signal);
}

async function loadUntrusted(
  request: LoadRequest,
  endpoint: Endpoint,
  { target, expected, scope: { signal } }: Loading,
) {
  const { parts } = request.dump;
  const load = { name: parts[0]?.path ?? '', expected, signal };
  if (target.isLoaded) return await loadAsGuest(endpoint, { ...load, source: undefined });
  // One statement after the other, as one script: what a stranger wrote may depend on its order in ways that nobody looked at.
  return await withSource(request, signal, (read) => loadAsGuest(endpoint, { ...load, source: read(parts) }));
}

/** Makes the database ready to be loaded. */
async function prepareTarget(
  { dump, runId, replaceExisting = false, untrusted = false, signal }: LoadRequest,
  endpoint: Endpoint,
  { clientTools, lockWait }: Pick<LoadOptions, 'clientTools' | 'lockWait'>,
  loaded: string,
): Promise<PreparedTarget> {
  const locale = localeOf(dump);
  return await withMaintenance(endpoint, async (maintenance) => {
    const { server, tools } = await fittingTools(maintenance, dump, clientTools);
    const target = await readTarget(maintenance, endpoint, runId);
    const { state, mark, encoding } = target;
    if (state === 'occupied' && !replaceExisting) throw occupied(endpoint);
    if (untrusted) await needsGuest(maintenance, endpoint);
    const isLoaded = state === 'ownedByRun' && mark?.loaded === loaded;
    if (!isLoaded) {
      const stays = state === 'empty' || (replaceExisting && state !== 'absent');
      if (stays) assertEncoding(endpoint, locale.encoding, encoding);
      else if (state === 'ownedByRun') await dropDatabase(maintenance, endpoint.database);
      if (!stays) await createDatabase(maintenance, server.major, endpoint.database, locale);
      // Marked before it is emptied: a repeated load knows that what is half gone was this run's to remove. What a stranger
      // wrote there may stay until the load is complete.
      await writeMark(maintenance, endpoint.database, {
        runId,
        loaded: undefined,
        untrusted: untrusted || (stays && state !== 'empty' && target.untrusted),
      });
      if (stays && state !== 'empty') {
        // Of a load that was killed: what it owns nobody else might remove.
        await withSession(
          endpoint,
          async (admin) => {
            await admin.run(`SET lock_timeout = ${lockWait}`);
            await dismissGuest(admin, endpoint.database);
          },
          { signal },
        );
        await emptyDatabase({ endpoint, lockWait, signal });
        await ensurePublicSchema(endpoint);
      }
      if (!dump.schemas.includes('public')) await dropPublicSchema(endpoint);
    }
    // Before the dump is loaded, as `pg_restore --create` does: what a view or a check computes may depend on them.
    const settingsLeftOut = await applySettings(maintenance, endpoint.database, dump.settings);
    return { serverMajor: server.major, tools, isLoaded, settingsLeftOut };
  });
}

/** Asks the server and the machine, and changes nothing. @throws LcbError `database.serverTooOld`, `database.toolTooOld` */
export async function assertLoadable(
  connection: OpenConnection,
  dump: DatabaseDump,
  clientTools: FindClientTools,
): Promise<void> {
  await withMaintenance(parseEndpoint(connection), async (maintenance) => {
    await fittingTools(maintenance, dump, clientTools);
  });
}

async function fittingTools(maintenance: Session, dump: DatabaseDump, clientTools: FindClientTools) {
  const server = await readServerVersion(maintenance);
  const tools = await toolsForServer(clientTools, server.major);
  assertVersionsFit({
    dumpServer: dump.serverVersion,
    dumpTool: dump.tool,
    targetServer: server.version,
    tools,
  });
  return { server, tools };
}

/** A database that was restored in place before may have lost it, and a dump does not make it. */
async function ensurePublicSchema(endpoint: Endpoint): Promise<void> {
  await withSession(endpoint, (session) =>
    session.run('SET client_min_messages = error; CREATE SCHEMA IF NOT EXISTS public'),
  );
}

/** `CREATE DATABASE` makes it, and a dump does not take it away. */
async function dropPublicSchema(endpoint: Endpoint): Promise<void> {
  await withSession(endpoint, (session) => session.run('DROP SCHEMA IF EXISTS public'));
}

/** Without statistics the first queries of a restored Liferay take minutes, and autovacuum comes late. */
async function analyze(endpoint: Endpoint, signal: AbortSignal): Promise<void> {
  await withSession(endpoint, (session) => session.run('SET statement_timeout = 0; ANALYZE'), { signal });
}

function localeOf({ engine, locale }: DatabaseDump): PostgresqlLocale {
  if (locale.provider !== 'mysql') return locale;
  throw new InvalidRequestError(
    `The backup is of a database of the kind ${engine}, which PostgreSQL can't load. Name a target of that kind.`,
  );
}

function occupied(endpoint: Endpoint): LcbError {
  return new LcbError({
    code: 'database.targetOccupied',
    message: `Nothing was done to ${describeEndpoint(endpoint)}: it is not empty, or belongs to another restore. Name a database that does not exist yet.`,
  });
}

function assertEncoding(endpoint: Endpoint, expected: string, found: string | undefined): void {
  if (found === expected) return;
  throw new LcbError({
    code: 'database.targetEncoding',
    message: `The ${describeEndpoint(endpoint)} has the encoding ${found}, the backup ${expected}. Drop it, so that it is created anew, or create it with that encoding.`,
  });
}
