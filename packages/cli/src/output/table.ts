import { stripVTControlCharacters } from 'node:util';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** Columns as wide as their widest cell, two spaces apart. Cells may be coloured. Ends with a line feed. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  return lines(columns, [columns.map(({ title }) => title), ...rows]);
}

/** Names and values, one pair a line; pairs without a value are left out. */
export function details(pairs: readonly (readonly [name: string, value: string | undefined])[]): string {
  const rows = pairs.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return lines([{ title: '' }, { title: '' }], rows);
}

function lines(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((_, column) => Math.max(0, ...rows.map((row) => widthOf(row[column] ?? ''))));
  return rows
    .map((row) => {
      const cells = columns.map(({ align }, column) => padded(row[column] ?? '', widths[column] ?? 0, align));
      return `${cells.join('  ').trimEnd()}\n`;
    })
    .join('');
}

function padded(cell: string, width: number, align: Column['align']): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(cell)));
  return align === 'right' ? space + cell : cell + space;
}

function widthOf(cell: string): number {
  return stripVTControlCharacters(cell).length;
}

/** Indents every line of a block. */
export function indented(block: string): string {
  return block.replaceAll(/^(?=.)/gm, '  ');
}
