import type { BackupReport, EnvironmentReport } from '@lcb/core';
import { formatCount, formatDuration, formatTime, plural } from '../output/format.ts';
import { coloured } from '../output/style.ts';
import { type Column, indented, table } from '../output/table.ts';
import type { VerifiedLocation } from './location-document.ts';

const columns: readonly Column[] = [
  { title: 'BACKUP' },
  { title: '' },
  { title: 'SEALED (UTC)' },
  { title: 'ARTEFACTS', align: 'right' },
  { title: 'OBJECTS', align: 'right' },
];

/** Every backup with its verdict, and below it what was found. */
export function locationView({ location, level, sample, report, seconds }: VerifiedLocation): string {
  const backups = report.environments.flatMap((each) => each.backups);
  const bad = backups.filter(({ ok }) => !ok).length;
  const verdict = report.ok
    ? coloured('green', `${plural(backups.length, 'backup')}, nothing wrong`)
    : coloured(
        'red',
        bad === 0 ? 'damaged records' : `${bad} of ${plural(backups.length, 'backup')} not verified`,
      );
  const strangers = report.strangers.texts
    .map((key) => warning(`${key} belongs to no environment.`))
    .join('');
  return `${location}  ${verdict} in ${formatDuration(seconds)}${levelText(level, sample)}\n${strangers}${report.environments
    .map((each) => environmentText(each, level))
    .join('')}`;
}

function levelText(level: VerifiedLocation['level'], sample: VerifiedLocation['sample']): string {
  if (level === 'quick') return ', by presence and size (quick)';
  return sample === undefined
    ? ''
    : `, up to ${formatCount(sample.size)} objects of each read (seed ${sample.seed})`;
}

function environmentText(
  { projectId, environment, backups, records, problems }: EnvironmentReport,
  level: VerifiedLocation['level'],
): string {
  const rows = backups.map((backup) => [
    backup.backupId,
    verdictOf(backup, level),
    backup.sealedAt === undefined ? '-' : formatTime(backup.sealedAt),
    formatCount(backup.artefacts),
    formatCount(backup.objects),
  ]);
  const found = backups.flatMap(findings).join('');
  const recordProblems = problems.texts.map(problem).join('');
  return `\n${coloured('bold', `${projectId}/${environment}`)}  ${plural(records, 'record')}\n${indented(table(columns, rows))}${found}${recordProblems}`;
}

function verdictOf(backup: BackupReport, level: VerifiedLocation['level']): string {
  if (backup.problems.count > 0) return coloured('red', plural(backup.problems.count, 'problem'));
  if (backup.notVerifiable.length > 0) {
    return coloured('yellow', `not verifiable offline: ${backup.notVerifiable.join(', ')}`);
  }
  if (backup.sealedAt === undefined) return coloured('yellow', 'no backup');
  return coloured('green', level === 'full' ? 'verified' : 'complete');
}

function findings({ backupId, problems, warnings }: BackupReport): string[] {
  if (problems.count + warnings.count === 0) return [];
  const unnamed = problems.count - problems.texts.length + warnings.count - warnings.texts.length;
  return [
    `  ${backupId}\n`,
    ...problems.texts.map(problem),
    ...warnings.texts.map(warning),
    ...(unnamed > 0 ? [`    … and ${formatCount(unnamed)} more\n`] : []),
  ];
}

function problem(text: string): string {
  return `    ${coloured('red', '✗')} ${text}\n`;
}

function warning(text: string): string {
  return `    ${coloured('yellow', '!')} ${text}\n`;
}
