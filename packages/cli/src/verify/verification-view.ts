import type { LevelVerification } from '@lcb/core';
import { formatBytes, formatCount, formatDuration, plural } from '../output/format.ts';
import { coloured } from '../output/style.ts';
import { details, indented } from '../output/table.ts';

export interface VerifiedBackup {
  readonly backupId: string;
  readonly location: string;
  readonly found: LevelVerification;
  readonly seconds: number;
  /** Key of the signed record, if one was written. */
  readonly record: string | undefined;
}

export function verificationDocument({ backupId, location, found, seconds, record }: VerifiedBackup) {
  return {
    backupId,
    location,
    level: found.level,
    sample: found.sample ?? null,
    ok: found.ok,
    problems: found.problems,
    problemCount: found.problemCount,
    notVerified: found.notVerified,
    keyId: found.keyId ?? null,
    manifestSha256: found.manifestSha256 ?? null,
    artefacts: found.artefacts,
    objects: found.objects,
    objectsRead: found.objectsRead,
    bytesRead: found.bytesRead,
    durationSeconds: seconds,
    record: record ?? null,
  };
}

/** Only who has read every byte may say so. */
const good = { quick: 'complete', sample: 'complete, and the sample is whole', full: 'verified' } as const;

function notAll({ level, objectsRead }: LevelVerification): string {
  if (level === 'full') return '';
  return level === 'quick' ? ', by presence and size' : `, ${formatCount(objectsRead)} of them read`;
}

export function verificationView({ backupId, location, found, seconds, record }: VerifiedBackup): string {
  const verdict = found.ok
    ? coloured('green', good[found.level])
    : coloured('red', plural(found.problemCount, 'problem'));
  const problems = found.problems.map((problem) => `  ${coloured('red', '✗')} ${problem}\n`).join('');
  const unnamed = found.problemCount - found.problems.length;
  const facts = details([
    [
      'Read',
      `${formatBytes(found.bytesRead)} in ${formatDuration(seconds)}: ${plural(found.artefacts, 'artefact')}, ${plural(found.objects, 'object')}${notAll(found)}`,
    ],
    ...found.notVerified.map((sentence) => ['Not verified', coloured('yellow', sentence)] as const),
    ['Signed by', found.keyId],
    ['Location', location],
    ['Record', record],
    ['Seed', found.sample?.seed],
  ]);
  const more = unnamed > 0 ? `  … and ${plural(unnamed, 'more problem')}\n` : '';
  return `${coloured('bold', backupId)}  ${verdict}\n\n${problems}${more}${problems === '' ? '' : '\n'}${indented(facts)}`;
}
