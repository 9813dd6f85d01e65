import type { Copy } from '@lcb/core';
import { runDocument } from '../output/run-document.ts';

export function copyDocument(copy: Copy) {
  const { backupId, backup, to } = copy.request;
  return {
    ...runDocument(copy),
    backupId,
    from: backup.location,
    /** Where the copy lies. */
    location: to,
    sealedAt: copy.sealed?.sealedAt ?? null,
    manifestSha256: copy.sealed?.manifestSha256 ?? null,
  };
}
