import type { Run, UnitsStatus } from '@lcb/core';
import { secondsBetween } from './format.ts';

/** What every run has in JSON. Sizes are bytes, times RFC 3339 in UTC, durations seconds. */
export interface RunDocument {
  readonly id: string;
  readonly kind: Run['kind'];
  readonly projectId: string;
  /** The environment that is read (backup) or written (restore). */
  readonly environment: string;
  readonly state: Run['state'];
  readonly units: UnitsStatus;
  readonly requestId: string;
  readonly correlationId: string;
  readonly initiator: string;
  readonly notes: string | null;
  readonly cancelRequested: boolean;
  readonly requestedAt: string;
  readonly startedAt: string | null;
  readonly completedAt: string | null;
  readonly durationSeconds: number | null;
  readonly error: { readonly code: string; readonly message: string; readonly retryable: boolean } | null;
}

export function runDocument(run: Run): RunDocument {
  const { request } = run;
  return {
    id: run.runId,
    kind: run.kind,
    projectId: run.projectId,
    environment: run.environment,
    state: run.state,
    units: run.units,
    requestId: request.requestId,
    correlationId: request.correlationId,
    initiator: request.initiator,
    notes: request.notes ?? null,
    cancelRequested: run.cancelRequested,
    requestedAt: run.requestedAt,
    startedAt: run.startedAt ?? null,
    completedAt: run.completedAt ?? null,
    durationSeconds: durationOf(run) ?? null,
    error: run.error ?? null,
  };
}

/** Seconds from the run's beginning to its end, once it has both. */
export function durationOf({ startedAt, completedAt }: Run): number | undefined {
  return startedAt === undefined || completedAt === undefined
    ? undefined
    : secondsBetween(startedAt, completedAt);
}

/** Bytes of the units at their source, and bytes that the run wrote; undefined where no unit knows them. */
export function totals(units: UnitsStatus): {
  readonly bytes: number | undefined;
  readonly storedBytes: number | undefined;
} {
  const statuses = Object.values(units);
  return {
    bytes: sum(statuses.map(({ bytes }) => bytes)),
    storedBytes: sum(statuses.map(({ storedBytes }) => storedBytes)),
  };
}

function sum(numbers: readonly (number | undefined)[]): number | undefined {
  const known = numbers.filter((number) => number !== undefined);
  return known.length === 0 ? undefined : known.reduce((total, number) => total + number, 0);
}
