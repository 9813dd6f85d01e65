import {
  backupPrefix,
  type DatabaseConnection,
  type DatabaseEngine,
  databaseFolder,
  type Interval,
  type JobKind,
  jsonSchema,
  LcbError,
  type ObjectStore,
  type OpenConnection,
  type Secrets,
  type StoreSettings,
} from '@lcb/core';
import type { JobHandler } from '../jobs/run-job.ts';
import { importJobSchema, stageUpload } from '../upload/stage-upload.ts';
import { dumpJobSchema, loadJobSchema, rowsJobSchema, scriptsJobSchema, storesOf } from './job-inputs.ts';

/** What the work itself needs, in the steps' process and in a job's. */
export interface LocalServices {
  readonly openStore: (location: string) => ObjectStore;
  readonly engineOf: (engine: DatabaseConnection['engine']) => DatabaseEngine;
  readonly secrets: Secrets;
}

/** Ends the mark of a database that was loaded on the way back. See `LoadRequest.runId`. */
const rollbackMark = '-rollback';

export type JobHandlers = Record<JobKind, JobHandler>;

/** What each kind of job does, once it runs in a process of its own. */
export function jobHandlers(servicesWith: (stores: readonly StoreSettings[]) => LocalServices): JobHandlers {
  return {
    async dump(input, context) {
      const services = servicesWith(storesOf(input));
      const { attempt, source, compression, selection, library, workers, lockSeconds } =
        dumpJobSchema.parse(input);
      const dump = await services.engineOf(source.engine).dump({
        connection: await openConnection(source, services.secrets),
        store: services.openStore(attempt.location),
        backupPrefix: backupPrefix(attempt, attempt.backupId),
        folder: databaseFolder(attempt.attempt),
        compression,
        ...(selection === undefined ? {} : { selection }),
        ...(library === undefined ? {} : { libraryClock: clockOf(services.openStore(library)) }),
        ...(workers === undefined ? {} : { workers }),
        ...(lockSeconds === undefined ? {} : { lockSeconds }),
        ...context,
      });
      return jsonSchema.parse(dump);
    },
    async import(input, context) {
      const services = servicesWith(storesOf(input));
      return jsonSchema.parse(await stageUpload(importJobSchema.parse(input), context, services));
    },
    async load(input, context) {
      const services = servicesWith(storesOf(input));
      const job = loadJobSchema.parse(input);
      const { runId, backup, dump, target, replaceExisting, untrusted, rollback } = job;
      const load = await services.engineOf(dump.engine).load({
        connection: await openConnection(target, services.secrets),
        store: services.openStore(backup.location),
        backupPrefix: backupPrefix(backup, backup.backupId),
        dump,
        // A mark of its own: that the very dump was loaded before says nothing of what was done to it since.
        runId: rollback ? `${runId}${rollbackMark}` : runId,
        replaceExisting,
        untrusted,
        ...context,
      });
      return jsonSchema.parse(load);
    },
    async rows(input, { signal }) {
      const services = servicesWith(storesOf(input));
      const { database, location, prefix, folder } = rowsJobSchema.parse(input);
      const rows = await services.engineOf(database.engine).exportLibraryRows({
        connection: await openConnection(database, services.secrets),
        store: services.openStore(location),
        prefix,
        folder,
        signal,
      });
      return jsonSchema.parse(rows);
    },
    async scripts(input, { signal }) {
      const services = servicesWith(storesOf(input));
      const { database, scripts } = scriptsJobSchema.parse(input);
      const connection = await openConnection(database, services.secrets);
      const ran = await services.engineOf(database.engine).runScripts({ connection, scripts, signal });
      return jsonSchema.parse(ran);
    },
  };
}

function clockOf(store: ObjectStore): () => Promise<Interval> {
  return () => {
    if (store.now !== undefined) return store.now();
    throw new LcbError({ code: 'internal', message: `${store.location} has no clock that can be asked.` });
  };
}

/** Resolves the secret, just before it is used. */
export async function openConnection(
  connection: DatabaseConnection,
  secrets: Secrets,
): Promise<OpenConnection> {
  const { url, secret } = connection;
  return { url, password: secret === undefined ? undefined : await secrets.resolve(secret) };
}
