import {
  type Standing,
  type VerificationLevel,
  type VerifiedRecord,
  verificationLevelSchema,
} from '@lcb/core';
import { formatBytes, formatCount, formatDuration, formatTime, plural } from '../output/format.ts';
import { coloured } from '../output/style.ts';
import { indented, table } from '../output/table.ts';

/** What the signed records beside a backup say of its verifications. */
export type VerifiedStanding = Pick<Standing, 'verified' | 'damagedBy'>;

/** The last verification of each level; `null` where there was none. */
export function verifiedDocument({ verified, damagedBy }: VerifiedStanding) {
  return {
    verifications: {
      quick: figuresOf(verified?.quick),
      sample: figuresOf(verified?.sample),
      full: figuresOf(verified?.full),
      restore: figuresOf(verified?.restore),
    },
    /** Levels that found damage which no later verification took back: with one of them it is no base. */
    damagedBy: damagedBy ?? [],
  };
}

function figuresOf(record: VerifiedRecord | undefined) {
  if (record === undefined) return null;
  const { at, actor, ok, problems, bytesRead } = record;
  return {
    at,
    actor,
    ok,
    problems,
    seconds: record.seconds ?? null,
    bytesRead,
    artefacts: record.artefacts ?? null,
    objects: record.objects ?? null,
    objectsRead: record.objectsRead ?? null,
    sample: record.sample ?? null,
    restored: record.restored ?? null,
  };
}

const columns = ['VERIFIED', 'AT (UTC)', '', 'IN', 'LOOKED AT'].map((title) => ({ title }));

/** A line for each level that was gone through. */
export function verifiedView({ verified, damagedBy = [] }: VerifiedStanding): string {
  const rows = verificationLevelSchema.options.flatMap((level) => {
    const record = verified?.[level];
    return record === undefined ? [] : [rowOf(level, record, damagedBy)];
  });
  return rows.length === 0 ? '' : `\n${indented(table(columns, rows))}`;
}

function rowOf(
  level: VerificationLevel,
  record: VerifiedRecord,
  damagedBy: readonly VerificationLevel[],
): string[] {
  const [problem] = record.problems;
  return [
    level,
    formatTime(record.at),
    damagedBy.includes(level) ? coloured('red', 'damaged') : coloured('green', 'good'),
    record.seconds === undefined ? '-' : formatDuration(record.seconds),
    problem ?? lookedAt(record),
  ];
}

function lookedAt({ bytesRead, objects, objectsRead, restored }: VerifiedRecord): string {
  if (restored !== undefined)
    return `${plural(restored.tables, 'table')} with ${plural(restored.rows, 'row')}, loaded in ${formatDuration(restored.loadSeconds)}`;
  const of =
    objects === undefined
      ? ''
      : `, ${plural(objects, 'object')}${objectsRead === objects ? '' : `, ${formatCount(objectsRead ?? 0)} of them read`}`;
  return `${formatBytes(bytesRead)} read${of}`;
}
