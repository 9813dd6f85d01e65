import type { Restore, RestoreMode, RestoreResult, RestoreTarget } from '@lcb/core';
import { type RunDocument, runDocument } from '../output/run-document.ts';

export interface RestoreDocument extends RunDocument {
  readonly backupId: string;
  /** Where the backup lies, and the environment that it is of. */
  readonly backup: Restore['request']['backup'];
  readonly target: RestoreTarget;
  readonly mode: RestoreMode;
  readonly selection: Restore['request']['selection'] | null;
  /** What it found and did beyond its units. */
  readonly result: RestoreResult;
}

export function restoreDocument(restore: Restore): RestoreDocument {
  const { backupId, backup, target, mode, selection = null } = restore.request;
  const { result = {} } = restore;
  return { ...runDocument(restore), backupId, backup, target, mode, selection, result };
}
