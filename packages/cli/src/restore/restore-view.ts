import type { Restore, RestoreTarget, Unit } from '@lcb/core';
import { headline, requestedText, unitTable } from '../output/run-view.ts';
import { coloured } from '../output/style.ts';
import { details, indented } from '../output/table.ts';

export function restoreView(restore: Restore): string {
  const { request, state, error } = restore;
  const facts = details([
    ['Backup', request.backupId],
    ['Target', `${request.projectId}/${request.target.environment}`],
    ...targetFacts(request.target, request.units),
    ['Requested', requestedText(restore)],
    ['Notes', request.notes],
    ['Error', error && coloured('red', error.message)],
  ]);
  const next =
    state === 'Succeeded'
      ? '\nNext: point a Liferay at the target, reindex its search, and see that it works.\n'
      : '';
  return `${headline(restore)}\n${unitTable(restore)}\n${indented(facts)}${next}`;
}

/** The places of a target that the units need, by name. */
export function targetFacts(
  { database, documentLibrary }: RestoreTarget,
  units: readonly Unit[],
): [string, string | undefined][] {
  return [
    ['Database', units.includes('database') ? database?.url : undefined],
    ['Library', units.includes('documentLibrary') ? documentLibrary?.location : undefined],
  ];
}
