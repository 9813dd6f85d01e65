import { type Run, type Unit, type UnitStatus, unitSchema } from '@lcb/core';
import { formatBytes, formatCount, formatDuration, formatTime } from './format.ts';
import { durationOf } from './run-document.ts';
import { coloured, stateText } from './style.ts';
import { type Column, indented, table } from './table.ts';

/** `retail-prd-backup-20251109-143000  Succeeded  in 12 s` */
export function headline(run: Run): string {
  const seconds = durationOf(run);
  const took = seconds === undefined ? '' : `  in ${formatDuration(seconds)}`;
  const cancelling = run.cancelRequested && run.completedAt === undefined ? '  cancelling' : '';
  return `${coloured('bold', run.runId)}  ${stateText(run.state)}${took}${cancelling}\n`;
}

const unitColumns: readonly Column[] = [
  { title: 'UNIT' },
  { title: 'STATE' },
  { title: 'SIZE', align: 'right' },
  { title: 'STORED', align: 'right' },
  { title: 'OBJECTS', align: 'right' },
  { title: '' },
];

/** The units of a run with their sizes, in the order of the workflow. Figures that no unit has are left out. */
export function unitTable({ units, error }: Run): string {
  const rows = unitSchema.options.flatMap((unit) => {
    const status = units[unit];
    return status === undefined ? [] : [unitRow(unit, status, error?.message)];
  });
  const isKnown = (_: unknown, column: number) => rows.some((row) => row[column] !== nothing);
  return indented(
    table(
      unitColumns.filter(isKnown),
      rows.map((row) => row.filter(isKnown)),
    ),
  );
}

/** @param shown what is said of the whole run, and need not be said again */
function unitRow(unit: Unit, status: UnitStatus, shown: string | undefined): string[] {
  const { state, bytes, storedBytes, objects, progress, usable } = status;
  const error = status.error?.message === shown ? undefined : status.error;
  const working = state === 'InProgress' && progress !== undefined ? ` ${Math.floor(progress)} %` : '';
  const usableAlone = usable && state !== 'Succeeded' ? 'usable' : '';
  return [
    unit,
    `${stateText(state)}${working}`,
    optional(bytes, formatBytes),
    optional(storedBytes, formatBytes),
    optional(objects, formatCount),
    // The first line: what a tool said last may follow, and is shown with the run's own error.
    error?.message.split('\n', 1)[0] ?? usableAlone,
  ];
}

const nothing = '-';

/** What a cell shows: nothing is a dash. */
export function optional<T>(value: T | undefined, format: (value: T) => string): string {
  return value === undefined ? nothing : format(value);
}

/** `2025-11-09 14:30:00 UTC by jane@host` */
export function requestedText({ requestedAt, request }: Run): string {
  return `${formatTime(requestedAt)} UTC by ${request.initiator}`;
}
