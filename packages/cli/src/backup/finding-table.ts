import type { Finding } from '@lcb/core';
import { formatBytes } from '../output/format.ts';
import { coloured } from '../output/style.ts';
import { type Column, table } from '../output/table.ts';

const columns: readonly Column[] = [
  { title: 'OBJECT' },
  { title: 'FILE' },
  { title: 'SIZE' },
  { title: 'SINCE' },
];

/** Objects that do not fit, one a line. Columns that say nothing are left out. */
export function findingTable(findings: readonly Finding[]): string {
  const rows = findings.map(findingCells);
  const isFilled = (_: unknown, column: number) => rows.some((row) => row[column] !== '');
  return table(
    columns.filter(isFilled),
    rows.map((row) => row.filter(isFilled)),
  );
}

/** The same as a line of a list of any length: nobody knows yet how wide its columns will be. */
export function findingLine(finding: Finding): string {
  const cells = [finding.kind, ...findingCells(finding)].filter((cell) => cell !== '');
  return `${cells.join('  ')}\n`;
}

function findingCells(finding: Finding): string[] {
  return [printable(finding.key), fileText(finding), sizeText(finding), sinceText(finding)];
}

/** What people call it. */
function fileText({ row }: Finding): string {
  if (row === undefined) return '';
  return printable(row.title ?? `${row.table} ${row.id}`);
}

function sizeText({ kind, expectedSizes = [], foundSize }: Finding): string {
  const wanted = expectedSizes.map(formatBytes).join(' or ');
  if (foundSize === undefined) return wanted;
  return kind === 'wrongSize' ? `${formatBytes(foundSize)} instead of ${wanted}` : formatBytes(foundSize);
}

function sinceText({ blame, lastBackup }: Finding): string {
  switch (blame) {
    case 'backup':
      return coloured('red', 'while this backup ran');
    case 'restore':
      return coloured('red', 'by this restore');
    case 'source':
      return lastBackup === undefined ? 'at the source, before' : `at the source, after ${lastBackup}`;
  }
}

/** Names are somebody else's: what would move the cursor is shown in quotes and escapes. */
function printable(name: string): string {
  return /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name) ? JSON.stringify(name) : name;
}
