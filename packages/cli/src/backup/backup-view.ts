import { type Backup, type Check, isWarning } from '@lcb/core';
import { formatDuration, formatTime, plural } from '../output/format.ts';
import { headline, requestedText, unitTable } from '../output/run-view.ts';
import { checkText, coloured } from '../output/style.ts';
import { details, indented, table } from '../output/table.ts';
import type { MadeBeforeSeal } from './backup-document.ts';
import { certificateView, verdictText } from './certificate-view.ts';

/** Files that do not fit, of each kind. */
const examples = 3;

/** A backup as a person reads it: what it is, how it went, what can be done next. */
export function backupView(
  backup: Backup,
  made: MadeBeforeSeal,
  options: { readonly allChecks: boolean },
): string {
  const { request, sealed, error } = backup;
  const facts = details([
    ['Requested', requestedText(backup)],
    ['Data from', sealed && `${formatTime(sealed.dataTime.from)} UTC`],
    ['Mode', `${request.mode}, ${request.compression}`],
    ['Strategy', strategyText(made)],
    ['Quiesced', quiescedText(backup)],
    ['Base', baseText(backup)],
    ['Location', request.source.backups.location],
    ['Checks', sealed && checksText(made)],
    [
      'Consistency',
      options.allChecks || !('certificate' in made)
        ? undefined
        : made.certificate === null
          ? undefined
          : verdictText(made.certificate),
    ],
    ['Deleted', deletedText(backup)],
    ['Pinned', backup.pinned && pinnedText(backup.pinned)],
    ['Rebuilt', backup.rebuiltAt && `${formatTime(backup.rebuiltAt)} UTC, from its manifest`],
    ['Notes', request.notes],
    ['Error', error && coloured('red', error.message)],
  ]);
  const checks =
    options.allChecks && 'checks' in made && made.checks.length > 0 ? `\n${checkTable(made.checks)}` : '';
  const warnings =
    'checks' in made && !options.allChecks ? made.checks.filter(isWarning).map(warningText).join('') : '';
  const certificate =
    options.allChecks && 'certificate' in made && made.certificate !== null
      ? `\n${certificateView(made.certificate, backup.runId, examples)}`
      : '';
  return `${headline(backup)}\n${unitTable(backup)}\n${indented(facts)}${warnings}${checks}${certificate}${nextSteps(backup)}`;
}

function strategyText(made: MadeBeforeSeal): string | undefined {
  if (!('consistency' in made) || made.consistency === undefined) return undefined;
  return `${made.consistency}${made.whyNotExact ? ` (not exact: ${made.whyNotExact})` : ''}`;
}

function deletedText({ deletedAt, deletedUntil }: Backup): string | undefined {
  if (deletedAt === undefined) return undefined;
  const until = deletedUntil === undefined ? '' : `; can be undeleted until ${formatTime(deletedUntil)} UTC`;
  return `${formatTime(deletedAt)} UTC${until}`;
}

function pinnedText({ at, reason }: NonNullable<Backup['pinned']>): string {
  return `${formatTime(at)} UTC${reason === undefined ? '' : `: ${reason}`}`;
}

function quiescedText({ hooks }: Backup): string | undefined {
  const quiesce = hooks?.quiesce;
  if (quiesce === undefined) return undefined;
  const { since, resumedAt, resumedBy } = quiesce;
  if (resumedAt === undefined) return coloured('red', `since ${formatTime(since)} UTC, and not resumed yet`);
  const seconds = (Date.parse(resumedAt) - Date.parse(since)) / 1000;
  return `for ${formatDuration(seconds)}${resumedBy === undefined ? '' : `, resumed by ${resumedBy}`}`;
}

/** Only the library has a base. */
function baseText({ sealed, units }: Backup): string | undefined {
  if (sealed === undefined || units.documentLibrary?.usable !== true) return undefined;
  if (sealed.base !== null) return sealed.base;
  return sealed.baseRefused === undefined
    ? 'none: every object was copied'
    : `none, every object was copied: ${sealed.baseRefused}`;
}

function checksText(made: MadeBeforeSeal): string {
  if ('manifestProblem' in made) return coloured('red', made.manifestProblem);
  const good = made.checks.filter(({ ok }) => ok).length;
  const warnings = made.checks.filter(isWarning).length;
  const told = warnings === 0 ? '' : `, ${plural(warnings, 'warning')}`;
  const text = `${good} of ${made.checks.length} passed${told}`;
  if (good === made.checks.length) return text;
  return coloured(good + warnings === made.checks.length ? 'yellow' : 'red', text);
}

function warningText({ name, expected, measured }: Check): string {
  return `  ${coloured('yellow', 'Warning')} ${name}: expected ${expected}; found ${measured}\n`;
}

function checkTable(checks: readonly Check[]): string {
  const rows = checks.map((made) => [made.name, checkText(made), made.expected, made.measured]);
  return indented(
    table([{ title: 'CHECK' }, { title: '' }, { title: 'EXPECTED' }, { title: 'FOUND' }], rows),
  );
}

function nextSteps({ runId, state, sealed, deletedAt }: Backup): string {
  if (state === 'Succeeded' && sealed !== undefined && deletedAt === undefined) {
    return `\nNext: lcb backup verify ${runId}\n      lcb restore create ${runId} --target-environment NAME\n`;
  }
  return state === 'Cancelled' ? '\nNothing of it is left.\n' : '';
}
