import type { RebuiltBackup, RebuiltEnvironment } from '@lcb/core';
import { plural } from '../output/format.ts';
import { coloured } from '../output/style.ts';
import { indented, table } from '../output/table.ts';

const outcomes: Readonly<Record<RebuiltBackup['outcome'], string>> = {
  created: 'recreated',
  updated: 'brought up to date',
  unchanged: 'known',
  conflict: 'CONFLICT',
  leftOut: 'LEFT OUT',
};

export function rebuildView(
  location: string,
  environments: readonly RebuiltEnvironment[],
  dryRun: boolean,
): string {
  const parts = environments.map(({ projectId, environment, backups, recordProblems, auditLost }) => {
    const rows = backups.map(({ backupId, outcome, reason }) => [
      backupId,
      dryRun && outcome === 'created' ? 'can be recreated' : outcomes[outcome],
      reason ?? '',
    ]);
    const problems = recordProblems.map((text) => `  ${coloured('red', '✗')} ${text}\n`).join('');
    const lost = auditLost
      ? '  The audit trail of before is lost with the old catalog; a signed record says so from now on.\n'
      : '';
    const list = table([{ title: 'BACKUP' }, { title: '' }, { title: '' }], rows);
    return `${coloured('bold', `${projectId}/${environment}`)}  ${plural(backups.length, 'backup')}\n${indented(list)}${problems}${lost}`;
  });
  const end = dryRun
    ? 'Nothing was done (--dry-run).\n'
    : 'Restores, deletions and other runs of before, and who approved them, are not in the backups and can not be rebuilt.\n' +
      'Nothing will be swept in these projects until somebody has confirmed that the catalog is whole.\n';
  return `${location}\n\n${parts.join('\n')}\n${end}`;
}
