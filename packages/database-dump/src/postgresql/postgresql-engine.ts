import { availableParallelism } from 'node:os';
import type { DatabaseEngine } from '@lcb/core';
import { mostWorkers, type PartSizes, usualSizes } from '../sections/part-sizes.ts';
import { everything } from '../sql/select-schemas.ts';
import type { FindClientTools } from './client-tools.ts';
import { parseEndpoint } from './connection/endpoint.ts';
import { dumpDatabase } from './dump/dump-database.ts';
import { sweepGuests } from './guest/dismiss-guest.ts';
import { readDumpArchive } from './import/dump-archive.ts';

import { importDump } from './import/import-dump.ts';
import { createScratch, dropScratch } from './import/scratch-database.ts';
import { inspectDatabase } from './inspect-database.ts';
import { clearGeneratedRows } from './library/clear-generated-rows.ts';
import { exportLibraryRows } from './library/export-library-rows.ts';
import { assertLoadable, loadDatabase } from './load/load-database.ts';
import { withMaintenance } from './load/maintenance.ts';
import { renameDatabases } from './load/rename-databases.ts';
import { dropDatabase } from './load/target-database.ts';
import { readTarget } from './load/target-state.ts';
import { runScripts } from './script/run-scripts.ts';

export interface PostgresqlEngineOptions {
  readonly clientTools: FindClientTools;
  /** How long a dump waits for a table that somebody holds exclusively; milliseconds. Five minutes when left out. */
  readonly lockWait?: number;
  /** How long a restore in place waits for what somebody uses whom it can't end; milliseconds. Half a minute when left out. */
  readonly emptyLockWait?: number;
  /** How many programs or sessions read or load a database at a time, where a request does not say; 1: one stream. */
  readonly workers?: number;
  /** From what size a table is dumped by workers, and how much of it each takes at a time. */
  readonly sizes?: PartSizes;
}

const LOCK_WAIT = 5 * 60 * 1000;
const EMPTY_LOCK_WAIT = 30 * 1000;

/** Dumps and loads PostgreSQL 13 and newer with PostgreSQL's own tools. */
export function postgresqlEngine({
  clientTools,
  lockWait = LOCK_WAIT,
  emptyLockWait = EMPTY_LOCK_WAIT,
  workers = Math.min(mostWorkers, availableParallelism()),
  sizes = usualSizes,
}: PostgresqlEngineOptions): DatabaseEngine {
  return {
    engine: 'postgresql',
    inspect: (connection, selection = everything) => inspectDatabase(connection, clientTools, selection),
    dump: (request) => dumpDatabase(request, { clientTools, lockWait, workers, sizes }),
    load: (request) => loadDatabase(request, { clientTools, lockWait: emptyLockWait, workers }),
    assertLoadable: (connection, dump) => assertLoadable(connection, dump, clientTools),
    renameDatabases,
    exportLibraryRows,
    clearGeneratedRows,
    importDump,
    createScratch,
    dropScratch,
    readDumpArchive: (request) => readDumpArchive(request, clientTools),
    runScripts,
    async targetState(connection, runId) {
      const endpoint = parseEndpoint(connection);
      const { state } = await withMaintenance(endpoint, (session) => readTarget(session, endpoint, runId));
      return state;
    },
    async dropTarget(connection, runId, { unmarked = false } = {}) {
      const endpoint = parseEndpoint(connection);
      await withMaintenance(endpoint, async (session) => {
        const { state } = await readTarget(session, endpoint, runId);
        const isOurs = state === 'ownedByRun' || (unmarked && state === 'empty');
        if (isOurs) await dropDatabase(session, endpoint.database);
        else if (!unmarked || state !== 'absent') return;
        // The role that owned what was imported there has nothing any more.
        await sweepGuests(session, endpoint.database);
      });
    },
  };
}
