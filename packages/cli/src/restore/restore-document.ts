import type { Restore, RestoreTarget } from '@lcb/core';
import { type RunDocument, runDocument } from '../output/run-document.ts';

export interface RestoreDocument extends RunDocument {
  readonly backupId: string;
  /** Where the backup lies, and the environment that it is of. */
  readonly backup: Restore['request']['backup'];
  readonly target: RestoreTarget;
  /** How the environment was told to rebuild its search index; `null` where there was no need, or not yet. */
  readonly reindex: NonNullable<Restore['hooks']>['reindex'] | null;
}

export function restoreDocument(restore: Restore): RestoreDocument {
  const { backupId, backup, target } = restore.request;
  return { ...runDocument(restore), backupId, backup, target, reindex: restore.hooks?.reindex ?? null };
}
