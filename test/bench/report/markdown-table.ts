/**
 * A table in Markdown whose columns also line up on a terminal.
 * @param titles those that end in `<` head a column of text; all others are aligned to the right
 */
export function markdownTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const columns = titles.map((title, index) => {
    const isText = title.endsWith('<');
    const name = isText ? title.slice(0, -1) : title;
    return { name, isText, width: Math.max(name.length, 4, ...rows.map((row) => row[index]?.length ?? 0)) };
  });
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  const padded = (cells: readonly string[]) =>
    line(
      columns.map(({ isText, width }, index) => {
        const cell = cells[index] ?? '';
        return isText ? cell.padEnd(width) : cell.padStart(width);
      }),
    );
  const rule = line(
    columns.map(({ isText, width }) => (isText ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)),
  );
  return padded(columns.map(({ name }) => name)) + rule + rows.map(padded).join('');
}
