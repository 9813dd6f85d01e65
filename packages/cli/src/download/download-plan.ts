import { LcbError } from '@lcb/core';
import { formatBytes, plural } from '../output/format.ts';
import type { Plan } from '../plan/plan.ts';
import { type DownloadMark, type FolderState, occupied } from './download-folder.ts';
import type { OpenedBackup } from './open-backup.ts';
import { escapedFolder } from './place-rows.ts';
import type { Survey } from './survey-library.ts';

interface Space {
  readonly needed: number;
  readonly free: number;
}

export interface DownloadPlanRequest {
  readonly backup: OpenedBackup;
  readonly folder: string;
  readonly state: FolderState;
  readonly space: Space;
  readonly survey: Survey;
  readonly mark: DownloadMark;
}

/** What `lcb backup download` would do. */
export function downloadPlan({ backup, folder, state, space, survey, mark }: DownloadPlanRequest): Plan {
  const escaped = escapedText(survey);
  return {
    title: `Download ${backup.backupId}`,
    reads: [backup.store.location],
    writes: [folder],
    overwrites: [],
    copies: { objects: survey.objects, bytes: space.needed },
    notes: [
      `Units: ${mark.units.join(', ')}.`,
      ...(state === 'resumed' ? ['An earlier run has begun with it; what is there and whole is kept.'] : []),
      ...(escaped === undefined ? [] : [escaped]),
    ],
    blockedBy: [
      ...(state === 'occupied' ? [occupied(folder).message] : []),
      ...(state === 'new' && space.needed > space.free ? [notEnoughSpace(folder, space).message] : []),
    ],
  };
}

export function escapedText({ escapedObjects, escapedKeys }: Survey): string | undefined {
  if (escapedObjects === 0) return undefined;
  const names = escapedKeys.map((key) => JSON.stringify(key)).join(', ');
  return `${plural(escapedObjects, 'key')} can't be the name of a file and ${escapedObjects === 1 ? 'goes' : 'go'} to ${escapedFolder}/, with keys.jsonl to tell which: ${names}${escapedKeys.length < escapedObjects ? ', …' : '.'}`;
}

export function notEnoughSpace(folder: string, { needed, free }: Space): LcbError {
  return new LcbError({
    code: 'download.noSpace',
    message: `The download needs ${formatBytes(needed)}, and where ${folder} is there are ${formatBytes(free)} left. Make room, or name another folder.`,
  });
}
