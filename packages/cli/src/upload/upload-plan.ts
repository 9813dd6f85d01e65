import { stat } from 'node:fs/promises';
import { type BackupRequest, errorMessage, LcbError } from '@lcb/core';
import type { LocalSettings } from '@lcb/functions-local/settings';
import type { CommandContext } from '../cli/command-context.ts';
import type { Plan } from '../plan/plan.ts';
import { openProvider } from '../service/open-service.ts';

/** What `lcb backup upload` would do. */
export async function uploadPlan(
  context: CommandContext,
  settings: LocalSettings,
  { requestId, projectId, environment, upload, source }: BackupRequest,
): Promise<Plan> {
  const { provider } = await openProvider(context, settings);
  const blockedBy: string[] = [];
  const reads: string[] = [];
  let bytes = 0;
  const dump = upload?.dump;
  if (dump !== undefined) {
    reads.push(`${dump.path} (${dump.format})`);
    bytes += (await stat(dump.path)).size;
  }
  if (dump !== undefined && source.database !== undefined) {
    try {
      // The server has to answer; the database itself may be one that is yet to be made.
      await provider.databaseTargetState(source.database, requestId);
    } catch (error) {
      if (!LcbError.isInstance(error)) throw error;
      blockedBy.push(errorMessage(error));
    }
  }
  let objects = 0;
  const library = upload?.library;
  if (library !== undefined && 'archive' in library) {
    reads.push(library.archive);
    bytes += (await stat(library.archive)).size;
  } else if (library !== undefined) {
    reads.push(library.location);
    for await (const { size } of provider.objectStore(library.location).list()) {
      objects += 1;
      bytes += size;
    }
  }
  return {
    title: `Make a backup of ${projectId}/${environment} from what is uploaded`,
    reads,
    writes: [source.backups.location],
    overwrites: [],
    copies: { objects, bytes },
    notes: [
      ...(dump === undefined
        ? []
        : [
            'The dump is read statement by statement, loaded into a scratch database on the server of the environment, and dumped from there; the scratch database is dropped.',
          ]),
      ...(library !== undefined && 'archive' in library
        ? ['The archive is unpacked beside the service and removed; its objects are not counted here.']
        : []),
    ],
    blockedBy,
  };
}
