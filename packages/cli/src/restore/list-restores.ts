import type { Restore } from '@lcb/core';
import type { CommandContext } from '../cli/command-context.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { formatBytes, formatDuration, formatTime } from '../output/format.ts';
import { durationOf, totals } from '../output/run-document.ts';
import { optional } from '../output/run-view.ts';
import { stateText } from '../output/style.ts';
import { type Column, table } from '../output/table.ts';
import { listRuns, moreText } from '../service/list-runs.ts';
import { restoreDocument } from './restore-document.ts';

const columns: readonly Column[] = [
  { title: 'ID' },
  { title: 'STATE' },
  { title: 'TARGET' },
  { title: 'BACKUP' },
  { title: 'SIZE', align: 'right' },
  { title: 'REQUESTED (UTC)' },
  { title: 'TOOK', align: 'right' },
];

/** `lcb restore list` */
export async function listRestores(context: CommandContext, given: unknown): Promise<ExitCode> {
  const list = await listRuns(context, 'restore', given);
  context.output.answer({
    json: { restores: list.runs.map(restoreDocument), nextPageToken: list.nextPageToken ?? null },
    table: () =>
      list.runs.length === 0
        ? 'There are no such restores. `lcb restore create` makes one.\n'
        : table(columns, list.runs.map(row)) + moreText(list),
  });
  return exitCodes.done;
}

function row(restore: Restore): string[] {
  return [
    restore.runId,
    stateText(restore.state),
    restore.environment,
    restore.request.backupId,
    optional(totals(restore.units).bytes, formatBytes),
    formatTime(restore.requestedAt),
    optional(durationOf(restore), formatDuration),
  ];
}
