import { type AuditAnchor, verifyAuditChain } from '../audit/chain.ts';
import type { AuditEvent } from '../model/audit-entry.ts';
import type { Catalog, ProjectCatalog, RebuildOutcome } from '../ports/catalog.ts';
import type { Clock } from '../ports/clock.ts';
import type { Signer } from '../ports/signer.ts';
import { readRecords, writeRecord } from '../repository/record.ts';
import { type ReadEnvironment, type RebuildRequest, readBackups } from './read-backups.ts';

export interface RebuildCatalogRequest extends RebuildRequest {
  readonly catalog: Catalog;
  readonly signer: Signer;
  readonly clock: Clock;
  /** Who. */
  readonly actor: string;
  readonly correlationId: string;
}

export interface RebuiltBackup {
  readonly backupId: string;
  /** `leftOut`: not trusted, damaged or never sealed. */
  readonly outcome: RebuildOutcome | 'leftOut';
  readonly reason?: string;
}

export interface RebuiltEnvironment {
  readonly projectId: string;
  readonly environment: string;
  readonly backups: readonly RebuiltBackup[];
  /** Records that can't be believed, and so changed nothing. The first 100. */
  readonly recordProblems: readonly string[];
  /** The audit chain that is anchored here is not the catalog's: it is lost, and a record says so now. */
  readonly auditLost: boolean;
}

const conflict =
  'The catalog has another row under this id: of another manifest, of a run that is not over, or of another project.';

/**
 * Recreates the rows of sealed backups from manifests and records, in a catalog that is empty or lacks some. Only what
 * trusted keys have signed counts. Runs, approvals and audit can't be made again. Safe to repeat.
 */
export async function rebuildCatalog(request: RebuildCatalogRequest): Promise<RebuiltEnvironment[]> {
  const rebuilt: RebuiltEnvironment[] = [];
  for await (const found of readBackups(request)) {
    const project = request.catalog.forProject(found.ref.projectId);
    const backups: RebuiltBackup[] = [];
    for (const read of found.backups) {
      const { backupId } = read;
      if (read.backup === undefined) {
        backups.push({ backupId, outcome: 'leftOut', reason: read.reason });
        continue;
      }
      const outcome = await project.rebuildBackup(read.backup);
      backups.push({ backupId, outcome, ...(outcome === 'conflict' ? { reason: conflict } : {}) });
    }
    const auditLost = await noteLoss(request, project, found);
    await project.recordRebuild(eventOf(request, found, backups));
    const { projectId, environment } = found.ref;
    const recordProblems = found.records.problems.texts;
    rebuilt.push({ projectId, environment, backups, recordProblems, auditLost });
  }
  return rebuilt;
}

/**
 * Anchors that the catalog's chain does not have are of one that is lost; without a word, every audit would cry wolf. How
 * long the chains are says nothing: the new one may have grown beyond them by now.
 */
async function noteLoss(
  request: RebuildCatalogRequest,
  project: ProjectCatalog,
  { ref }: ReadEnvironment,
): Promise<boolean> {
  const { store, signer, clock, actor, correlationId } = request;
  const head = await project.auditHead();
  let anchors: AuditAnchor[] = [];
  let lastRecordAt: string | undefined;
  for await (const { record } of readRecords(store, ref, request.trustedKeys)) {
    lastRecordAt = record?.at ?? lastRecordAt;
    if (record?.type === 'catalogRebuilt') anchors = [];
    if (record?.type === 'catalogRebuilt' || record?.type === 'auditHead') anchors.push(record.head);
  }
  const { problems } = await verifyAuditChain(ref.projectId, project.auditEntries(), anchors);
  if (!problems.some(({ kind }) => kind === 'cutOff' || kind === 'rewritten')) return false;
  const now = Date.parse(clock.now());
  const at = new Date(Math.max(now, lastRecordAt === undefined ? now : Date.parse(lastRecordAt) + 1));
  await writeRecord(store, signer, clock, ref, `rebuilt-${correlationId}`, {
    type: 'catalogRebuilt',
    at: at.toISOString(),
    actor,
    head,
  });
  return true;
}

function eventOf(
  { actor, clock, correlationId, location }: RebuildCatalogRequest,
  { ref }: ReadEnvironment,
  backups: readonly RebuiltBackup[],
): AuditEvent {
  const count = (outcome: RebuiltBackup['outcome']) =>
    backups.filter((backup) => backup.outcome === outcome).length;
  return {
    actor,
    action: 'catalog.rebuilt',
    subject: ref.environment,
    result: 'succeeded',
    at: clock.now(),
    correlationId,
    details: {
      location,
      created: count('created'),
      updated: count('updated'),
      unchanged: count('unchanged'),
      conflicts: count('conflict'),
      leftOut: count('leftOut'),
    },
  };
}
