import type { ErrorRecord } from '../errors/lcb-error.ts';
import type { AuditEntry, AuditEvent, AuditHead } from '../model/audit-entry.ts';
import type { CloudEvent } from '../model/cloud-event.ts';
import type { RunKind } from '../model/ids.ts';
import type { Environment } from '../model/project.ts';
import type { RestoreResult } from '../model/restore-result.ts';
import type { Backup, Run, RunRequest, Sealed } from '../model/run.ts';
import type { State } from '../model/state.ts';
import type { Unit, UnitStatus } from '../model/unit.ts';

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
  /** Marks a backup as softly deleted. @throws LeaseLostError */
  setDeleted(lease: Lease, backupId: string): Promise<void>;
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
