import { formatBytes, formatDuration, plural } from '../output/format.ts';
import { coloured } from '../output/style.ts';
import { details, indented } from '../output/table.ts';
import { escapedText } from './download-plan.ts';
import type { Fetched } from './fetch-items.ts';
import type { OpenedBackup } from './open-backup.ts';
import type { Survey } from './survey-library.ts';

export interface Download {
  readonly backup: OpenedBackup;
  readonly folder: string;
  readonly fetched: Fetched;
  readonly survey: Survey;
  readonly seconds: number;
}

export function downloadDocument({ backup, folder, fetched, survey, seconds }: Download) {
  return {
    backupId: backup.backupId,
    location: backup.store.location,
    folder,
    units: Object.keys(backup.manifest.units),
    ok: fetched.problemCount === 0,
    files: fetched.files,
    bytes: fetched.bytes,
    keptFiles: fetched.keptFiles,
    escapedObjects: survey.escapedObjects,
    problems: fetched.problems,
    problemCount: fetched.problemCount,
    durationSeconds: seconds,
  };
}

export function downloadView({ backup, folder, fetched, survey, seconds }: Download): string {
  const ok = fetched.problemCount === 0;
  const verdict = ok
    ? coloured('green', 'downloaded')
    : coloured('red', `incomplete: ${plural(fetched.problemCount, 'file')} damaged in the backup`);
  const problems = fetched.problems.map((problem) => `  ${coloured('red', '✗')} ${problem}\n`).join('');
  const kept = fetched.keptFiles === 0 ? '' : `; ${plural(fetched.keptFiles, 'file')} had been there`;
  const facts = details([
    ['Folder', folder],
    [
      'Files',
      `${plural(fetched.files, 'file')}, ${formatBytes(fetched.bytes)} in ${formatDuration(seconds)}${kept}`,
    ],
    ['Escaped', escapedText(survey)],
    ['Check', ok ? 'sha256sum -c SHA256SUMS' : undefined],
  ]);
  return `${coloured('bold', backup.backupId)}  ${verdict}\n\n${problems}${indented(facts)}`;
}
