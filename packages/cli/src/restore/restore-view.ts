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
    ['Reindex', reindexFact(restore)],
    ['Notes', request.notes],
    ['Error', error && coloured('red', error.message)],
  ]);
  const next =
    state === 'Succeeded'
      ? `\nNext: point a Liferay at the target${reindexText(restore)}, and see that it works.\n`
      : '';
  return `${headline(restore)}\n${unitTable(restore)}\n${indented(facts)}${next}`;
}

function reindexFact({ hooks }: Restore): string | undefined {
  const reindex = hooks?.reindex;
  if (reindex === undefined) return undefined;
  switch (reindex.state) {
    case 'Called':
      return 'the hook was called';
    case 'NotDeclared':
      return 'to be done by hand: run a full reindex in Liferay';
    case 'Failed':
      return coloured('red', `the hook failed; run a full reindex in Liferay. ${reindex.message ?? ''}`);
  }
}

function reindexText({ hooks }: Restore): string {
  return hooks?.reindex?.state === 'Called' ? '' : ', run a full reindex of its search';
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
