import type { AuditEvent, RunKind, State } from '@lcb/core';
import type { ColumnType, Generated } from 'kysely';

/** JSON: written as text, read as what the driver parsed and nobody has checked yet. */
type JsonColumn = ColumnType<unknown, string, string>;
type NullableJsonColumn = ColumnType<unknown, string | null, string | null>;
/** `timestamptz(3)`: milliseconds, as RFC 3339 has them everywhere else. */
type Time = ColumnType<Date, Date | string, Date | string>;
type NullableTime = ColumnType<Date | null, Date | string | null, Date | string | null>;
/** `bigint`, read as a number: see `connection.ts`. */
type Count = ColumnType<number, number, number>;

interface ProjectsTable {
  readonly project_id: string;
  readonly created_at: Generated<Date>;
  /** Set by a rebuild of the catalog, until somebody confirms that it is whole. */
  readonly sweeps_blocked_at: NullableTime;
}

interface EnvironmentsTable {
  readonly project_id: string;
  readonly environment: string;
  readonly declared: JsonColumn;
  readonly declared_at: ColumnType<Date, Date | undefined, Date>;
}

export interface RunsTable {
  readonly run_id: string;
  /** Counts up as requests are recorded: the order in which they wait, whatever a request says of its own time. */
  readonly queue_position: ColumnType<number, never, never>;
  readonly project_id: string;
  /** What the run reads (backup) or writes (restore): the environment whose lease it needs. */
  readonly environment: string;
  readonly kind: RunKind;
  /** Runs of one environment and one lane wait for each other: `verify` for verifications, empty for all others. */
  readonly lane: ColumnType<string, never, never>;
  readonly request_id: string;
  readonly request: JsonColumn;
  readonly state: ColumnType<State, State | undefined, State>;
  readonly units: JsonColumn;
  readonly epoch: ColumnType<number, number | undefined, number>;
  readonly cancel_requested: ColumnType<boolean, boolean | undefined, boolean>;
  readonly requested_at: Time;
  readonly started_at: NullableTime;
  readonly completed_at: NullableTime;
  readonly error: NullableJsonColumn;
  readonly sealed: NullableJsonColumn;
  readonly result: NullableJsonColumn;
  readonly deleted_at: NullableTime;
  readonly hooks: NullableJsonColumn;
  readonly deleted_until: NullableTime;
  readonly pinned_at: NullableTime;
  readonly pin_reason: ColumnType<string | null, string | null, string | null>;
  readonly rebuilt_at: NullableTime;
}

interface LeasesTable {
  readonly project_id: string;
  readonly environment: string;
  readonly lane: string;
  readonly run_id: string;
  readonly epoch: Count;
  readonly expires_at: Time;
}

interface OutboxTable {
  readonly event_id: string;
  readonly position: ColumnType<number, never, never>;
  readonly project_id: string;
  readonly event: JsonColumn;
  readonly delivered_at: NullableTime;
}

interface AuditHeadsTable {
  readonly chain: string;
  readonly sequence: Count;
  readonly hash: string;
}

interface AuditEntriesTable {
  readonly chain: string;
  readonly sequence: Count;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly result: AuditEvent['result'];
  /** Text, since the hash covers how the time was written and not only the moment. */
  readonly at: string;
  readonly correlation_id: string;
  readonly details: NullableJsonColumn;
  readonly previous_hash: string;
  readonly hash: string;
}

interface MigrationsTable {
  readonly name: string;
  readonly timestamp: string;
}

/** The catalog's tables, all in the schema `lcb`. The migrations are the truth; this is how queries see them. */
export interface CatalogTables {
  readonly projects: ProjectsTable;
  readonly environments: EnvironmentsTable;
  readonly runs: RunsTable;
  readonly leases: LeasesTable;
  readonly outbox: OutboxTable;
  readonly audit_heads: AuditHeadsTable;
  readonly audit_entries: AuditEntriesTable;
  readonly migrations: MigrationsTable;
}
