import type { Environment, KeepReason } from '@lcb/core';
import { plural } from '../output/format.ts';
import { coloured } from '../output/style.ts';
import { indented, table } from '../output/table.ts';
import type { Expiry } from './expire-backups.ts';

const reasons: Readonly<Record<KeepReason, string>> = {
  pinned: 'pinned',
  held: 'on hold',
  newest: 'the newest good one',
  lastVerified: 'the last verified one',
  keepLast: 'keepLast',
  keepDaily: 'keepDaily',
  keepWeekly: 'keepWeekly',
  keepMonthly: 'keepMonthly',
  keepFor: 'keepFor',
};

const outcomes: Readonly<Record<Expiry['outcome'], string>> = {
  kept: 'kept',
  expires: coloured('yellow', 'expires'),
  requested: coloured('yellow', 'deletion requested'),
  deleted: coloured('yellow', 'deleted'),
  failed: coloured('red', 'not deleted'),
};

/** Which backups are kept and why, newest first. */
export function expiryView(
  { projectId, environment, retention }: Environment,
  expiries: readonly Expiry[],
  dryRun: boolean,
): string {
  const rows = expiries.map(({ backupId, keptBy, outcome, reason }) => [
    backupId,
    outcomes[outcome],
    reason ?? keptBy.map((rule) => reasons[rule]).join(', '),
  ]);
  const list = table([{ title: 'BACKUP' }, { title: '' }, { title: 'BY' }], rows);
  const going = expiries.filter(({ outcome }) => outcome !== 'kept').length;
  const noRules =
    retention === undefined
      ? 'lcb.yaml declares no retention for it: only backups that were made with --keep-for expire.\n'
      : '';
  const end = dryRun
    ? 'Nothing was done (--dry-run).\n'
    : going === 0
      ? ''
      : 'Their bytes stay for the time of grace; lcb sweep then gives back what no kept backup needs.\n';
  const head = `${coloured('bold', `${projectId}/${environment}`)}  ${plural(expiries.length, 'backup')}, ${going} not kept`;
  return `${head}\n${indented(list)}${noRules}${end}`;
}
