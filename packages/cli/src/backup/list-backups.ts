import type { Backup } from '@lcb/core';
import type { CommandContext } from '../cli/command-context.ts';
import { loadConfig } from '../config/load-config.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { formatBytes, formatDuration, formatTime } from '../output/format.ts';
import { durationOf, totals } from '../output/run-document.ts';
import { optional } from '../output/run-view.ts';
import { coloured, stateText } from '../output/style.ts';
import { type Column, table } from '../output/table.ts';
import { withBackups } from '../service/foreign-backups.ts';
import { listRuns, moreText } from '../service/list-runs.ts';
import { openProvider } from '../service/open-service.ts';
import { backupDocument } from './backup-document.ts';

const columns: readonly Column[] = [
  { title: 'ID' },
  { title: 'STATE' },
  { title: 'UNITS' },
  { title: 'SIZE', align: 'right' },
  { title: 'STORED', align: 'right' },
  { title: 'REQUESTED (UTC)' },
  { title: 'TOOK', align: 'right' },
];

/** `lcb backup list` */
export async function listBackups(context: CommandContext, given: unknown): Promise<ExitCode> {
  const list = await listRuns(context, 'backup', given);
  if (list.isCatalogEmpty) await hintAtRebuild(context);
  context.output.answer({
    json: { backups: list.runs.map(backupDocument), nextPageToken: list.nextPageToken ?? null },
    table: () =>
      list.runs.length === 0
        ? 'There are no such backups. `lcb backup create` makes one.\n'
        : table(columns, list.runs.map(row)) + moreText(list),
  });
  return exitCodes.done;
}

/** An empty catalog beside backups is a lost one. */
async function hintAtRebuild(context: CommandContext): Promise<void> {
  const settings = loadConfig(context.places);
  const local = await openProvider(context, settings);
  for (const { projectId, environment, backups } of await withBackups(local, settings.environments)) {
    context.output.notice(
      `The catalog knows no backup, but there are some of ${projectId}/${environment} in ${backups.location}. Was the catalog lost? lcb catalog rebuild ${backups.location}`,
    );
  }
}

function row(backup: Backup): string[] {
  const { bytes, storedBytes } = totals(backup.units);
  return [
    backup.runId,
    stateText(backup.state) + standingText(backup),
    // As lcb.yaml calls it: lines are long as they are.
    backup.request.units.join(',').replace('documentLibrary', 'library'),
    optional(bytes, formatBytes),
    optional(storedBytes, formatBytes),
    formatTime(backup.requestedAt),
    optional(durationOf(backup), formatDuration),
  ];
}

/** `(pinned)`, `(deleted, until 2025-11-16)` */
function standingText({ pinned, deletedAt, deletedUntil }: Backup): string {
  if (deletedAt === undefined) return pinned === undefined ? '' : coloured('cyan', ' (pinned)');
  const until = deletedUntil === undefined ? '' : `, until ${formatTime(deletedUntil)}`;
  return coloured('yellow', ` (deleted${until})`);
}
