import { availableParallelism } from 'node:os';
import type { DatabaseEngine } from '@lcb/core';
import { mostWorkers, type PartSizes, usualSizes } from '../sections/part-sizes.ts';
import { everything } from '../sql/select-schemas.ts';
import { readServer } from './catalog/server.ts';
import { type FindClientTools, findClientTools } from './client-tools.ts';
import { parseEndpoint } from './connection/endpoint.ts';
import { withSession } from './connection/session.ts';
import { dumpDatabase } from './dump/dump-database.ts';
import { dropGuest } from './guest/with-guest.ts';
import { importDump } from './import/import-dump.ts';
import { createScratch, dropScratch } from './import/scratch-database.ts';
import { inspectDatabase } from './inspect-database.ts';
import { clearGeneratedRows, exportLibraryRows } from './library/live-library.ts';
import { dropUnmarked } from './load/drop-unmarked.ts';
import { assertLoadable, loadDatabase } from './load/load-database.ts';
import { readMarks } from './load/mark.ts';
import { dropDatabase } from './load/target-databases.ts';
import { readTargets } from './load/target-state.ts';
import { runScripts } from './script/run-scripts.ts';

export interface MysqlEngineOptions {
  /** The programs on this machine when left out. */
  readonly clientTools?: FindClientTools;
  /**
   * For how many seconds a dump may keep everybody from writing, so that counts, library rows and dump are of one moment; 0
   * for never. Three when left out; as a rule it takes some tenths of a second.
   */
  readonly lockSeconds?: number;
  /** How many programs or sessions read or load a database at a time, where a request does not say; 1: one stream. */
  readonly workers?: number;
  /** From what size a table is dumped by workers, and how much of it each takes at a time. */
  readonly sizes?: PartSizes;
}

const LOCK_SECONDS = 3;

/** Dumps and loads MySQL 8 and MariaDB 10.5, and newer, with their own tools. */
export function mysqlEngine({
  clientTools = findClientTools,
  lockSeconds = LOCK_SECONDS,
  workers = Math.min(mostWorkers, availableParallelism()),
  sizes = usualSizes,
}: MysqlEngineOptions = {}): DatabaseEngine {
  return {
    engine: 'mysql',
    inspect: (connection, selection = everything) => inspectDatabase(connection, clientTools, selection),
    dump: (request) => dumpDatabase(request, { clientTools, lockSeconds, workers, sizes }),
    load: (request) => loadDatabase(request, clientTools, workers),
    assertLoadable: (connection, dump) => assertLoadable(connection, dump, clientTools),
    exportLibraryRows,
    clearGeneratedRows,
    importDump,
    createScratch,
    dropScratch,
    runScripts,
    async targetState(connection, runId) {
      const endpoint = parseEndpoint(connection);
      const work = async (session: Parameters<Parameters<typeof withSession>[1]>[0]) => {
        const [target] = await readTargets(session, await readServer(session), [endpoint.database], runId);
        return target?.state ?? 'absent';
      };
      return await withSession(endpoint, work, { withoutDatabase: true });
    },
    async dropTarget(connection, runId, { unmarked = false } = {}) {
      const endpoint = parseEndpoint(connection);
      await withSession(
        endpoint,
        async (session) => {
          // With it go the databases of virtual instances, which the same run has marked.
          for (const [name, mark] of await readMarks(session)) {
            if (mark.runId !== runId) continue;
            await dropDatabase(session, name);
            await dropGuest(session, name);
          }
          if (unmarked) await dropUnmarked(session, endpoint.database);
        },
        { withoutDatabase: true },
      );
    },
  };
}
