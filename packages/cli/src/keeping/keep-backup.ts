import { randomUUID } from 'node:crypto';
import { type Backup, type Keeping, pinBackup, undeleteBackup, unpinBackup } from '@lcb/core';
import { z } from 'zod';
import { backupDocument } from '../backup/backup-document.ts';
import type { CommandContext } from '../cli/command-context.ts';
import { parseRunId } from '../cli/parse-id.ts';
import { parseOptions } from '../cli/parse-options.ts';
import { loadConfig } from '../config/load-config.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { findBackup } from '../service/find-run.ts';
import { withService } from '../service/open-service.ts';
import { initiator } from '../service/request-base.ts';

const pinOptionsSchema = z.object({
  reason: z.string().min(1, 'must not be empty').max(2000, 'may have 2,000 characters').optional(),
});

/** `lcb backup pin` */
export function pin(context: CommandContext, id: string, given: unknown): Promise<ExitCode> {
  const { reason } = parseOptions(pinOptionsSchema, given);
  return keep(context, id, (keeping, backup) => pinBackup(keeping, backup, reason), 'is pinned');
}

/** `lcb backup unpin` */
export function unpin(context: CommandContext, id: string): Promise<ExitCode> {
  return keep(context, id, unpinBackup, 'is not pinned');
}

/** `lcb backup undelete` */
export function undelete(context: CommandContext, id: string): Promise<ExitCode> {
  return keep(context, id, undeleteBackup, 'is not deleted');
}

async function keep(
  context: CommandContext,
  id: string,
  act: (keeping: Keeping, backup: Backup) => Promise<Backup>,
  outcome: string,
): Promise<ExitCode> {
  parseRunId('backup', id);
  const settings = loadConfig(context.places);
  await withService(context, settings, async (service) => {
    const backup = await findBackup(service, settings, id);
    const { provider, signer, clock, trustedKeys, catalog } = service;
    const kept = await act(
      {
        project: catalog.forProject(backup.projectId),
        store: provider.objectStore(backup.request.source.backups.location),
        signer,
        trustedKeys,
        clock,
        actor: initiator(),
        correlationId: randomUUID(),
      },
      backup,
    );
    context.output.answer({ json: backupDocument(kept), table: () => `${id} ${outcome}.\n` });
  });
  return exitCodes.done;
}
