import { type PlanTotals, planBackupRows } from '../library/plan-backup.ts';
import { refuseFull } from '../library/refuse-full.ts';
import { refuseNestedLibrary } from '../library/refuse-nested.ts';
import type { BackupRequest } from '../model/run.ts';
import type { DatabaseFacts } from '../ports/database-engine.ts';
import { chooseBase } from '../steps/backup-library.ts';
import { type ChosenStrategy, chooseStrategy } from '../steps/choose-strategy.ts';
import { refuseNesting } from '../steps/refuse-nesting.ts';
import type { ReadServices } from '../steps/step-context.ts';
import { expectedSeconds } from './expected-seconds.ts';
import { obstacles, refuseBusy } from './obstacles.ts';

/** What a backup would do. */
export interface BackupPreview {
  readonly database: DatabaseFacts | undefined;
  readonly library: Omit<PlanTotals, 'shards'> | undefined;
  /** What makes the two fit together; unknown where something stands against it. */
  readonly consistency: ChosenStrategy | undefined;
  readonly base: string | undefined;
  /** Why there is no base although the backup is incremental. */
  readonly baseRefused: string | undefined;
  readonly expectedSeconds: number | undefined;
  readonly blockedBy: readonly string[];
}

/** Looks at the database, lists the library and compares it with the base; writes nothing. */
export async function previewBackup(
  request: BackupRequest,
  services: ReadServices,
  signal: AbortSignal,
): Promise<BackupPreview> {
  const { provider } = services;
  const { source, units } = request;
  const { database, documentLibrary } = source;
  let facts: DatabaseFacts | undefined;
  let library: BackupPreview['library'];
  let consistency: ChosenStrategy | undefined;
  let base: Awaited<ReturnType<typeof chooseBase>> = {};

  const looks: (() => Promise<void> | void)[] = [() => refuseBusy(services, 'backup', request)];
  if (database !== undefined && units.includes('database')) {
    looks.push(async () => {
      facts = await provider.inspectDatabase(database);
    });
  }
  if (documentLibrary !== undefined && units.includes('documentLibrary')) {
    const { location, excludeGeneratedFiles } = documentLibrary;
    looks.push(
      () => refuseNesting('The library and the backups', location, source.backups.location),
      async () => {
        const store = provider.objectStore(location);
        await store.probe();
        await refuseNestedLibrary(store);
        const backups = provider.objectStore(source.backups.location);
        base = await chooseBase(request, backups, services);
        const { rows, totals } = planBackupRows({
          environment: request,
          source: store,
          backups,
          base: base.manifest,
          excludeGeneratedFiles,
          signal,
        });
        for await (const _row of rows) {
          // Reading them is what counts them.
        }
        library = totals;
        await refuseFull(backups, totals.copyBytes);
      },
    );
  }
  looks.push(async () => {
    consistency = await chooseStrategy(request, services);
  });
  const blockedBy = await obstacles(looks);
  const bytes = (facts?.bytes ?? 0) + (library?.bytes ?? 0);
  return {
    database: facts,
    library,
    consistency,
    base: base.manifest?.backupId,
    baseRefused: base.refused,
    expectedSeconds: await expectedSeconds(services, 'backup', request, bytes),
    blockedBy,
  };
}
