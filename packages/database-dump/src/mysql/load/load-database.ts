import { createHash } from 'node:crypto';
import {
  type DatabaseDump,
  type DatabaseLoad,
  type DumpPart,
  LcbError,
  type LoadRequest,
  type OpenConnection,
} from '@lcb/core';
import { type ExpectedTables, readExpectedTables } from '../../counts/compare-tables.ts';
import { FailureScope } from '../../stream/failure-scope.ts';
import { listPartitions } from '../catalog/databases.ts';
import { readServer, type Server } from '../catalog/server.ts';
import { type ClientTools, type FindClientTools, toolsForServer } from '../client-tools.ts';
import { describeEndpoint, type Endpoint, parseEndpoint } from '../connection/endpoint.ts';
import { type Session, withSession } from '../connection/session.ts';
import { needsGuest } from '../guest/with-guest.ts';
import type { DatabaseNames } from '../scanner/database-names.ts';
import { countLoaded } from './count-loaded.ts';
import { emptyDatabase } from './empty-database.ts';
import { assertFits } from './fitting-versions.ts';
import { type LoadedCounts, writeMark } from './mark.ts';
import { runParts } from './run-parts.ts';
import { createDatabase, targetNames } from './target-databases.ts';
import { readTargets } from './target-state.ts';

interface PreparedTarget {
  readonly server: Server;
  readonly tools: ClientTools;
  /** What this run counted when it had loaded all of it before. */
  readonly loaded: LoadedCounts | undefined;
}

/**
 * Loads a dump into new databases, or into empty ones, or in place of what is there. They carry this run's mark from the
 * start, and once the load is complete also what was counted: repeated, a load that had been complete gives the same
 * answer, and any other is begun anew. Scheduled events come last, after the counting.
 */
export async function loadDatabase(
  request: LoadRequest,
  clientTools: FindClientTools,
  workers: number,
): Promise<DatabaseLoad> {
  const endpoint = parseEndpoint(request.connection);
  const scope = new FailureScope(request.signal);
  return await scope.run(async () => {
    const { store, backupPrefix, dump, runId } = request;
    const { signal } = scope;
    const isOfStrangers = request.untrusted === true;
    const names = targetNames(dump, endpoint);
    const expected = await readExpectedTables(store, backupPrefix, dump, signal);
    const dumpId = dumpHash(dump.parts);
    const target = await prepareTargets(request, endpoint, clientTools, { names, dumpId, signal });
    const answer = (counts: LoadedCounts, differences: DatabaseLoad['differences'] = []): DatabaseLoad => ({
      database: endpoint.database,
      serverVersion: target.server.version,
      largeObjects: 0,
      settingsLeftOut: [],
      ...counts,
      differences,
    });
    if (target.loaded) return answer(target.loaded);
    await runParts(request, endpoint, { ...target, names, isEvents: false, workers, scope });
    const { differences, ...counts } = await count(endpoint, target.server, { names, expected, signal });
    // What differs is not finished: nobody shall take it for that, and its events shall not fire.
    if (differences.length > 0) return answer(counts, differences);
    await runParts(request, endpoint, { ...target, names, isEvents: true, workers, scope });
    await withServer(endpoint, async (session) => {
      for (const name of names.values())
        await writeMark(session, name, { runId, loaded: { dump: dumpId, counts }, isOfStrangers });
    });
    return answer(counts);
  });
}

/** Asks the server and the machine, and changes nothing. @throws LcbError as {@link assertFits} and {@link toolsForServer} */
export async function assertLoadable(
  connection: OpenConnection,
  dump: DatabaseDump,
  clientTools: FindClientTools,
): Promise<void> {
  await withServer(parseEndpoint(connection), async (session) => {
    const server = await readServer(session);
    await toolsForServer(clientTools, server);
    assertFits(dump, server);
  });
}

async function count(
  endpoint: Endpoint,
  server: Server,
  what: { readonly names: DatabaseNames; readonly expected: ExpectedTables; readonly signal: AbortSignal },
) {
  return await withServer(endpoint, (session) => countLoaded(session, server, what), what.signal);
}

/** Makes the databases ready to be loaded. */
async function prepareTargets(
  { dump, runId, replaceExisting = false, untrusted = false }: LoadRequest,
  endpoint: Endpoint,
  clientTools: FindClientTools,
  {
    names,
    dumpId,
    signal,
  }: { readonly names: DatabaseNames; readonly dumpId: string; readonly signal: AbortSignal },
): Promise<PreparedTarget> {
  return await withServer(endpoint, async (session) => {
    const server = await readServer(session);
    const tools = await toolsForServer(clientTools, server);
    const locale = assertFits(dump, server);
    const targets = await readTargets(session, server, names.values(), runId);
    const occupied = targets.find(({ state }) => state === 'occupied');
    if (occupied && !replaceExisting) throw isOccupied(endpoint, occupied.name);
    if (untrusted) for (const { name } of targets) await needsGuest(session, { ...endpoint, database: name });
    const [main] = targets;
    if (replaceExisting) await assertOwn(session, endpoint, targets, runId);
    const isLoaded = targets.every(
      ({ state, mark }) => state === 'ownedByRun' && mark?.loaded?.dump === dumpId,
    );
    if (isLoaded && main?.mark?.loaded) return { server, tools, loaded: main.mark.loaded.counts };
    for (const { name, state, mark } of targets) {
      await createDatabase(session, name, locale);
      // Marked before it is emptied: a repeated load knows that what is half gone was this run's to remove.
      const heldStrangers = mark?.isOfStrangers === true;
      await writeMark(session, name, { runId, isOfStrangers: untrusted || heldStrangers });
      if (state === 'occupied' || state === 'ownedByRun') await emptyDatabase(session, name, signal);
      if (heldStrangers && !untrusted) await writeMark(session, name, { runId });
    }
    return { server, tools, loaded: undefined };
  });
}

/**
 * In place only the database that was named is replaced, and those of its own virtual instances: another environment on
 * the same server may have instances of the same ids. What an earlier load of this restore has begun counts as its own.
 */
async function assertOwn(
  session: Session,
  endpoint: Endpoint,
  targets: Awaited<ReturnType<typeof readTargets>>,
  runId: string,
): Promise<void> {
  const own = new Set([endpoint.database, ...(await listPartitions(session, endpoint.database))]);
  const ofThisRestore = (marked: string | undefined) =>
    marked !== undefined && (marked === runId || `${marked}-rollback` === runId);
  for (const { name, state, mark } of targets) {
    if (state === 'occupied' && !own.has(name) && !ofThisRestore(mark?.runId))
      throw isOccupied(endpoint, name);
  }
}

/** Work on the server, in no database. */
async function withServer<T>(
  endpoint: Endpoint,
  work: (session: Session) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  return await withSession(endpoint, work, { withoutDatabase: true, ...(signal ? { signal } : {}) });
}

/** Tells one dump from another. */
function dumpHash(parts: readonly DumpPart[]): string {
  const hash = createHash('sha256');
  for (const { sha256 } of parts) hash.update(sha256);
  return hash.digest('hex');
}

function isOccupied(endpoint: Endpoint, name: string): LcbError {
  return new LcbError({
    code: 'database.targetOccupied',
    message: `Nothing was done to ${describeEndpoint({ ...endpoint, database: name })}: it is not empty, or belongs to another restore. Name a database that does not exist yet.`,
  });
}
