import {
  type AuditEntry,
  type AuditEvent,
  type AuditHead,
  type Backup,
  type Environment,
  environmentRefSchema,
  environmentSchema,
  InvalidRequestError,
  type Lease,
  type ProjectCatalog,
  type QuiesceRecord,
  type RebuildOutcome,
  type RestoreResult,
  type Run,
  type RunFilter,
  type RunHooks,
  type RunOutcome,
  type RunPage,
  type RunRequest,
  type Sealed,
  type State,
  type Swept,
  type Unit,
  type UnitStatus,
  type VerificationResult,
} from '@lcb/core';
import { holdChain, readHead } from './audit/audit-chain.ts';
import { readEntries } from './audit/audit-entries.ts';
import { asProject, type CatalogDatabase, type CatalogTransaction } from './database/act-as.ts';
import { parseInput } from './input.ts';
import { declareEnvironment, listEnvironments } from './projects.ts';
import { acceptRequest } from './runs/accept-request.ts';
import { findRun, noSuchRun } from './runs/find-run.ts';
import { finishRun } from './runs/finish-run.ts';
import { setPinned, setUndeleted } from './runs/keep-backup.ts';
import { latestBackup, listRuns } from './runs/list-runs.ts';
import {
  addResult,
  addVerification,
  setDeleted,
  setSealed,
  setState,
  setSwept,
  setUnit,
} from './runs/progress.ts';
import { allowSweeps, rebuildBackup, recordRebuild, sweepsBlockedSince } from './runs/rebuild-backup.ts';
import { findByRequestId, recordRequest } from './runs/record-request.ts';
import { requestCancel } from './runs/request-cancel.ts';
import {
  quiescedSeconds,
  recordQuiesce,
  recordReindex,
  recordResume,
  recordResumeByHand,
} from './runs/run-hooks.ts';
import { runFromRow } from './runs/run-row.ts';
import { assertStorable } from './storable.ts';

/** One project's part of the catalog: each call is one transaction that is bound to the project in the database. */
export class PostgresProjectCatalog implements ProjectCatalog {
  readonly projectId: string;
  readonly #db: CatalogDatabase;

  /** @param projectId checked by the caller to be the name of a project */
  constructor(db: CatalogDatabase, projectId: string) {
    this.#db = db;
    this.projectId = projectId;
  }

  async declareEnvironment(given: Environment): Promise<void> {
    const environment = parseInput(environmentSchema, given, 'The environment');
    parseInput(environmentRefSchema, environment, 'The environment');
    assertStorable(environment, 'The environment');
    if (environment.projectId !== this.projectId) {
      throw new InvalidRequestError(
        `The environment belongs to ${environment.projectId}, not to ${this.projectId}.`,
      );
    }
    await this.#transact((trx) => declareEnvironment(trx, environment));
  }

  environments(): Promise<readonly Environment[]> {
    return this.#transact(listEnvironments);
  }

  async recordRequest(given: RunRequest): Promise<{ readonly run: Run; readonly created: boolean }> {
    const request = acceptRequest(this.projectId, given);
    const recorded = await this.#transact((trx) => recordRequest(trx, request));
    if ('refusal' in recorded) throw recorded.refusal;
    return recorded;
  }

  async run(runId: string): Promise<Run | undefined> {
    const row = await this.#transact((trx) => findRun(trx, runId));
    return row === undefined ? undefined : runFromRow(row);
  }

  async runOfRequest(requestId: string): Promise<Run | undefined> {
    return await this.#transact((trx) => findByRequestId(trx, this.projectId, requestId));
  }

  async runs(filter: RunFilter): Promise<RunPage> {
    return await this.#transact((trx) => listRuns(trx, filter));
  }

  async latestBackup(environment: string, unit: Unit): Promise<Backup | undefined> {
    return await this.#transact((trx) => latestBackup(trx, environment, unit));
  }

  async requestCancel(runId: string, event: AuditEvent): Promise<Run> {
    return await this.#transact((trx) => requestCancel(trx, this.projectId, runId, event));
  }

  async cancelRequested(runId: string): Promise<boolean> {
    const row = await this.#transact((trx) => findRun(trx, runId));
    return row === undefined ? noSuchRun(runId) : row.cancel_requested;
  }

  async setState(lease: Lease, state: State): Promise<void> {
    await this.#transact((trx) => setState(trx, lease, state));
  }

  async setUnit(lease: Lease, unit: Unit, status: Partial<UnitStatus>): Promise<void> {
    await this.#transact((trx) => setUnit(trx, lease, unit, status));
  }

  async setSealed(lease: Lease, sealed: Sealed): Promise<void> {
    await this.#transact((trx) => setSealed(trx, lease, sealed));
  }

  async addResult(lease: Lease, result: RestoreResult): Promise<void> {
    await this.#transact((trx) => addResult(trx, lease, result));
  }

  async recordQuiesce(lease: Lease, attempt: number): Promise<QuiesceRecord> {
    return await this.#transact((trx) => recordQuiesce(trx, lease, attempt));
  }

  async recordResume(lease: Lease, outcome: 'resumed' | 'failed'): Promise<QuiesceRecord> {
    return await this.#transact((trx) => recordResume(trx, lease, outcome));
  }

  async recordReindex(lease: Lease, called: Omit<NonNullable<RunHooks['reindex']>, 'at'>): Promise<void> {
    await this.#transact((trx) => recordReindex(trx, lease, called));
  }

  async quiescedSeconds(runId: string): Promise<number> {
    return await this.#transact((trx) => quiescedSeconds(trx, runId));
  }

  async recordResumeByHand(environment: string, actor: string): Promise<readonly string[]> {
    return await this.#transact((trx) => recordResumeByHand(trx, environment, actor));
  }

  async setSwept(lease: Lease, swept: Swept): Promise<void> {
    await this.#transact((trx) => setSwept(trx, lease, swept));
  }

  async addVerification(lease: Lease, added: VerificationResult): Promise<void> {
    await this.#transact((trx) => addVerification(trx, lease, added));
  }

  async setDeleted(lease: Lease, backupId: string): Promise<void> {
    await this.#transact((trx) => setDeleted(trx, lease, backupId));
  }

  async setPinned(
    backupId: string,
    pin: { readonly reason?: string } | null,
    event: AuditEvent,
  ): Promise<Backup> {
    return await this.#transact((trx) => setPinned(trx, this.projectId, backupId, pin, event));
  }

  async setUndeleted(backupId: string, event: AuditEvent): Promise<Backup> {
    return await this.#transact((trx) => setUndeleted(trx, this.projectId, backupId, event));
  }

  async rebuildBackup(backup: Backup): Promise<RebuildOutcome> {
    return await this.#transact((trx) => rebuildBackup(trx, this.projectId, backup));
  }

  async recordRebuild(event: AuditEvent): Promise<void> {
    await this.#transact((trx) => recordRebuild(trx, this.projectId, event));
  }

  async sweepsBlockedSince(): Promise<string | undefined> {
    return await this.#transact((trx) => sweepsBlockedSince(trx, this.projectId));
  }

  async allowSweeps(event: AuditEvent): Promise<void> {
    await this.#transact((trx) => allowSweeps(trx, this.projectId, event));
  }

  async finish(lease: Lease, outcome: RunOutcome, event: AuditEvent): Promise<Run> {
    return await this.#transact((trx) => finishRun(trx, this.projectId, lease, outcome, event));
  }

  async appendAudit(event: AuditEvent): Promise<AuditEntry> {
    return await this.#transact(async (trx) => (await holdChain(trx, this.projectId)).append(event));
  }

  auditEntries(fromSequence?: number): AsyncIterable<AuditEntry> {
    return readEntries((work) => this.#transact(work), this.projectId, fromSequence);
  }

  async auditHead(): Promise<AuditHead> {
    return await this.#transact((trx) => readHead(trx, this.projectId));
  }

  #transact<T>(work: (trx: CatalogTransaction) => Promise<T>): Promise<T> {
    return asProject(this.#db, this.projectId, work);
  }
}
