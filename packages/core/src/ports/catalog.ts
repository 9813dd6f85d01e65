import type { ErrorRecord } from '../errors/lcb-error.ts';
import type { AuditEntry, AuditEvent, AuditHead } from '../model/audit-entry.ts';
import type { CloudEvent } from '../model/cloud-event.ts';
import type { QuiesceRecord, RunHooks } from '../model/hook.ts';
import type { RunKind } from '../model/ids.ts';
import type { Environment } from '../model/project.ts';
import type { RestoreResult } from '../model/restore-result.ts';
import type { Backup, Run, RunRequest, Sealed, Swept } from '../model/run.ts';
import type { State } from '../model/state.ts';
import type { Unit, UnitStatus } from '../model/unit.ts';
import type { VerificationResult } from '../model/verification.ts';

export interface RunFilter {
  readonly kind?: RunKind;
  readonly environment?: string;
  readonly states?: readonly State[];
  /** Requested at or after, and before: RFC 3339. */
  readonly from?: string;
  readonly to?: string;
  readonly unit?: Unit;
  /** At most this many, newest first; 1–1000. */
  readonly limit: number;
  /** The `nextPageToken` of the page before. */
  readonly pageToken?: string;
}

export interface RunPage {
  readonly runs: readonly Run[];
  readonly nextPageToken?: string;
}

/** What holds a run to what it may do: while the epoch is current, no other process has this environment. */
export interface Lease {
  readonly runId: string;
  readonly epoch: number;
}

export type RunOutcome =
  | { readonly state: 'Succeeded' }
  | { readonly state: 'Failed'; readonly error: ErrorRecord }
  | { readonly state: 'Cancelled' };

/**
 * What became of one backup in a rebuild. `conflict`: another row has its id: of another manifest, of a run that is not
 * over, or of another project.
 */
export type RebuildOutcome = 'created' | 'updated' | 'unchanged' | 'conflict';

/**
 * Everything that one project may see and do. The tenant is bound in the database itself (row-level security):
 * a query without its filter still sees only this project's rows. Times are the catalog server's clock.
 */
export interface ProjectCatalog {
  readonly projectId: string;
  /** Creates the project where it is new, and records the environment as declared now. */
  declareEnvironment(environment: Environment): Promise<void>;
  environments(): Promise<readonly Environment[]>;

  /**
   * Inserts the request by its id, reserves the run's id (globally unique, `-2`, `-3` on conflict), writes audit and
   * outbox, all in one transaction. A restore that takes a safety backup records that one before itself, in the same
   * transaction: it runs first, since runs of one environment go in the order of their requests. The same request again answers with the same run and `created: false`.
   * @throws EnvironmentBusyError when a run of the other kind (backup, restore) holds or waits for the environment
   * @throws InvalidRequestError `request.expired` past `notAfter`; `request.changed` when the id was used for something else
   */
  recordRequest(request: RunRequest): Promise<{ readonly run: Run; readonly created: boolean }>;
  run(runId: string): Promise<Run | undefined>;
  /** The run that a request was recorded as. */
  runOfRequest(requestId: string): Promise<Run | undefined>;
  runs(filter: RunFilter): Promise<RunPage>;
  /** The newest sealed, succeeded, not deleted and not uploaded backup of an environment that has the unit: the base of an incremental one. */
  latestBackup(environment: string, unit: Unit): Promise<Backup | undefined>;

  /** Sets the flag that steps, shards and jobs read; a run not yet admitted ends as Cancelled at once. */
  requestCancel(runId: string, event: AuditEvent): Promise<Run>;
  cancelRequested(runId: string): Promise<boolean>;

  /** Moves the run by the legal transitions. @throws LeaseLostError */
  setState(lease: Lease, state: State): Promise<void>;
  /** Merges into the unit's status. @throws LeaseLostError */
  setUnit(lease: Lease, unit: Unit, status: Partial<UnitStatus>): Promise<void>;
  /** Records what was sealed. @throws LeaseLostError */
  setSealed(lease: Lease, sealed: Sealed): Promise<void>;
  /** Adds to what a restore found and did; fields that are there are replaced. @throws LeaseLostError */
  addResult(lease: Lease, result: RestoreResult): Promise<void>;
  /**
   * Records that the environment is about to be quiesced, before it is asked: from here on somebody has to resume it. Repeating
   * it for the same attempt answers with the first record. @throws LeaseLostError
   */
  recordQuiesce(lease: Lease, attempt: number): Promise<QuiesceRecord>;
  /** Records that the environment goes on, or that it could not be told to. @throws LeaseLostError */
  recordResume(lease: Lease, outcome: 'resumed' | 'failed'): Promise<QuiesceRecord>;
  /** Seconds from {@link ProjectCatalog.recordQuiesce} to the resumption or to now; 0 where nothing was quiesced. */
  quiescedSeconds(runId: string): Promise<number>;
  /** A person has resumed the environment: answers the runs that had it quiesced. Needs no lease. */
  recordResumeByHand(environment: string, actor: string): Promise<readonly string[]>;
  /** Records how a restored environment was told to reindex. @throws LeaseLostError */
  recordReindex(lease: Lease, called: Omit<NonNullable<RunHooks['reindex']>, 'at'>): Promise<void>;
  /** Records what a sweep has removed. @throws LeaseLostError */
  setSwept(lease: Lease, swept: Swept): Promise<void>;
  /** Adds to what a verification has found. @throws LeaseLostError */
  addVerification(lease: Lease, added: VerificationResult): Promise<void>;
  /** Marks a backup as softly deleted. @throws LeaseLostError */
  setDeleted(lease: Lease, backupId: string): Promise<void>;
  /**
   * Pins a backup, or, with `null`, unpins it; with an audit entry where that changes anything.
   * @throws EnvironmentBusyError while a deletion of it is at work or waits: which of the two came first would be a matter of luck
   */
  setPinned(backupId: string, pin: { readonly reason?: string } | null, event: AuditEvent): Promise<Backup>;
  /** Takes the deletion of a backup back, with an audit entry where that changes anything. @throws EnvironmentBusyError as above */
  setUndeleted(backupId: string, event: AuditEvent): Promise<Backup>;

  /**
   * Puts a sealed backup, made again from its manifest, into the catalog. One that is there already, with the same
   * manifest, only gets what the records say (deleted, pinned). Other rows are never touched.
   */
  rebuildBackup(backup: Backup): Promise<RebuildOutcome>;
  /**
   * Writes down that the catalog was rebuilt. From then on nothing may be swept in this project until somebody has
   * confirmed that the catalog is whole: what it does not know it would take for garbage.
   */
  recordRebuild(event: AuditEvent): Promise<void>;
  /** Since when nothing may be swept; `undefined` where nothing stands against it. */
  sweepsBlockedSince(): Promise<string | undefined>;
  /** Somebody says that the rebuilt catalog is whole: sweeps may run again. With an audit entry where that changes anything. */
  allowSweeps(event: AuditEvent): Promise<void>;

  /**
   * Ends the run: final state, lease released, audit entry and outgoing event in one transaction. Repeating it with the
   * outcome it has is no error. @throws LeaseLostError
   */
  finish(lease: Lease, outcome: RunOutcome, event: AuditEvent): Promise<Run>;

  appendAudit(event: AuditEvent): Promise<AuditEntry>;
  /** In order of sequence, from `fromSequence` on. */
  auditEntries(fromSequence?: number): AsyncIterable<AuditEntry>;
  auditHead(): Promise<AuditHead>;
}

export interface AdmissionLimits {
  /** Runs at once, in total. */
  readonly total: number;
  /** Runs at once, of one project. */
  readonly perProject: number;
  /** Seconds that a lease lasts without renewal. */
  readonly leaseSeconds: number;
}

/** Across all tenants: for dispatch, tick and the engine's process, never for a user's request. */
export interface PlatformCatalog {
  /**
   * Gives leases to waiting runs within the limits, fairly: the project with the fewest running goes first, then the
   * oldest request. One transaction under one lock. Answers what was admitted now.
   */
  admit(limits: AdmissionLimits): Promise<readonly Run[]>;
  /** Runs that were admitted and are not yet over: to be started if the engine does not know them, or reaped. */
  admitted(): Promise<readonly Run[]>;
  /** Extends the lease by the catalog's clock. @throws LeaseLostError when it has expired and was given to another, or the run is over */
  renewLease(lease: Lease, leaseSeconds: number): Promise<void>;
  /** Lets the lease run out now, so that a successor need not wait for it. No error when it is another's by now. */
  releaseLease(lease: Lease): Promise<void>;
  /** @throws LeaseLostError */
  checkLease(lease: Lease): Promise<void>;
  /** Takes the lease of an admitted run over, with a new epoch, once the old one has expired. `undefined` while it has not, and for a run that is over. */
  takeOver(runId: string, leaseSeconds: number): Promise<Lease | undefined>;
  /** Outgoing events not yet delivered, oldest first. */
  pendingEvents(limit: number): Promise<readonly CloudEvent[]>;
  markDelivered(eventIds: readonly string[]): Promise<void>;

  /** The platform's own chain: acts that belong to no project, such as a migration of the catalog. */
  appendAudit(event: AuditEvent): Promise<AuditEntry>;
  auditEntries(fromSequence?: number): AsyncIterable<AuditEntry>;
  auditHead(): Promise<AuditHead>;
}

export interface Catalog {
  forProject(projectId: string): ProjectCatalog;
  readonly platform: PlatformCatalog;
}
