import type { VerifyRun } from '@lcb/core';
import { formatBytes, formatDuration, formatTime, plural } from '../output/format.ts';
import { runDocument } from '../output/run-document.ts';
import { headline, requestedText, unitTable } from '../output/run-view.ts';
import { coloured, stateText } from '../output/style.ts';
import { details, indented, table } from '../output/table.ts';

export function verifyRunDocument(run: VerifyRun) {
  const { request, result } = run;
  return {
    ...runDocument(run),
    level: 'restore',
    backupId: request.backupId,
    location: request.backup.location,
    /** Its word on the backup; `null` where it ended without one. */
    ok: result?.verified?.ok ?? null,
    problems: result?.verified?.problems ?? [],
    seconds: result?.verified?.seconds ?? null,
    bytesRead: result?.bytesRead ?? null,
    artefacts: result?.artefacts ?? null,
    restored: result?.restored ?? null,
  };
}

/** A verification by restore as a person reads it. */
export function verifyRunView(run: VerifyRun): string {
  const { request, error, result } = run;
  const { restored, verified, bytesRead } = result ?? {};
  const facts = details([
    ['Requested', requestedText(run)],
    ['Backup', request.backupId],
    ['Location', request.backup.location],
    ['Verdict', verdictText(run)],
    ['Read', bytesRead === undefined ? undefined : formatBytes(bytesRead)],
    [
      'Restored',
      restored &&
        `${plural(restored.tables, 'table')} with ${plural(restored.rows, 'row')} in ${formatDuration(restored.loadSeconds)}`,
    ],
    ['Consistency', restored?.certificate?.verdict],
    ['Error', verified === undefined && error ? coloured('red', error.message) : undefined],
  ]);
  return `${headline(run)}\n${unitTable(run)}\n${indented(facts)}`;
}

function verdictText({ state, result }: VerifyRun): string | undefined {
  const { verified } = result ?? {};
  if (verified !== undefined)
    return verified.ok
      ? coloured('green', 'its database can be restored')
      : coloured('red', verified.problems.join(' '));
  return state === 'Failed' || state === 'Cancelled' ? 'none: nothing is said of the backup' : undefined;
}

/** Verifications of a backup that are at work, or ended without a word on it: those with one are on record. */
export function unendedView(runs: readonly VerifyRun[]): string {
  if (runs.length === 0) return '';
  const rows = runs.map(({ runId, state, requestedAt, error }) => [
    runId,
    stateText(state),
    formatTime(requestedAt),
    error?.message ?? '',
  ]);
  const columns = ['VERIFICATION', 'STATE', 'REQUESTED (UTC)', ''].map((title) => ({ title }));
  return `\n${indented(table(columns, rows))}`;
}
