import type { Copy } from '@lcb/core';
import { formatTime } from '../output/format.ts';
import { headline, requestedText, unitTable } from '../output/run-view.ts';
import { coloured, stateText } from '../output/style.ts';
import { details, indented, table } from '../output/table.ts';

/** A copy as a person reads it. */
export function copyView(copy: Copy): string {
  const { request, error, state } = copy;
  const facts = details([
    ['Requested', requestedText(copy)],
    ['Backup', request.backupId],
    ['From', request.backup.location],
    ['Location', request.to],
    ['Notes', request.notes],
    ['Error', error && coloured('red', error.message)],
  ]);
  const next =
    state === 'Succeeded'
      ? `\nNext: lcb backup verify ${request.backupId} --location ${request.to}\n      lcb restore create ${request.backupId} --from ${request.to} --target-environment NAME\n`
      : '\nNothing of it is left.\n';
  return `${headline(copy)}\n${unitTable(copy)}\n${indented(facts)}${next}`;
}

/** The copies of a backup, below it. */
export function copiesView(copies: readonly Copy[]): string {
  if (copies.length === 0) return '';
  const rows = copies.map(({ runId, state, requestedAt, request }) => [
    runId,
    stateText(state),
    formatTime(requestedAt),
    request.to,
  ]);
  const columns = ['COPY', 'STATE', 'REQUESTED (UTC)', 'LOCATION'].map((title) => ({ title }));
  return `\n${indented(table(columns, rows))}`;
}
