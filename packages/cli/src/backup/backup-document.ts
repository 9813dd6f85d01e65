import type { Backup, Certificate, Check, ConsistencyStrategy, Interval } from '@lcb/core';
import { type RunDocument, runDocument, totals } from '../output/run-document.ts';

export interface BackupDocument extends RunDocument {
  readonly type: Backup['request']['type'];
  readonly mode: Backup['request']['mode'];
  readonly compression: Backup['request']['compression'];
  readonly consistency: Backup['request']['consistency'];
  /** How long the environment stood still for it; `null` where it did not. */
  readonly quiesced: NonNullable<Backup['hooks']>['quiesce'] | null;
  /** Where it lies. */
  readonly location: string;
  readonly bytes: number | null;
  readonly storedBytes: number | null;
  /** The backup that it builds on; `null` when it copied everything. */
  readonly base: string | null;
  /** The moment that the data is from. */
  readonly dataTime: Interval | null;
  readonly sealedAt: string | null;
  readonly manifestSha256: string | null;
  readonly deletedAt: string | null;
  /** Until then it can be undeleted. */
  readonly deletedUntil: string | null;
  readonly pinned: { readonly at: string; readonly reason: string | null } | null;
  /** Set where the catalog was rebuilt from the backup. */
  readonly rebuiltAt: string | null;
}

export function backupDocument(backup: Backup): BackupDocument {
  const { request, sealed } = backup;
  const { bytes, storedBytes } = totals(backup.units);
  return {
    ...runDocument(backup),
    type: request.type,
    mode: request.mode,
    compression: request.compression,
    consistency: request.consistency,
    quiesced: backup.hooks?.quiesce ?? null,
    location: request.source.backups.location,
    bytes: bytes ?? null,
    storedBytes: storedBytes ?? null,
    base: sealed?.base ?? null,
    dataTime: sealed?.dataTime ?? null,
    sealedAt: sealed?.sealedAt ?? null,
    manifestSha256: sealed?.manifestSha256 ?? null,
    deletedAt: backup.deletedAt ?? null,
    deletedUntil: backup.deletedUntil ?? null,
    pinned:
      backup.pinned === undefined ? null : { at: backup.pinned.at, reason: backup.pinned.reason ?? null },
    rebuiltAt: backup.rebuiltAt ?? null,
  };
}

/** What the manifest says of checks and consistency, or why it does not. */
export type MadeBeforeSeal =
  | {
      readonly checks: readonly Check[];
      readonly certificate: Certificate | null;
      /** The strategy that was taken, where one was chosen. */
      readonly consistency?: ConsistencyStrategy;
      readonly whyNotExact?: string | null;
    }
  | { readonly manifestProblem: string };
