/** Rows of a shard from a cursor on, and where the next call begins: `null` when nothing is left. */
export interface RowsFrom<Row> {
  readonly rows: AsyncGenerator<Row>;
  /** Known once the rows were read to their end. */
  next(): number | null;
}

/** The rows after the first `cursor` ones, until the time is over. One is always taken, so that every call gets further. */
export function rowsFrom<Row>(
  all: AsyncIterable<Row>,
  cursor: number,
  isTimeOver: () => boolean,
): RowsFrom<Row> {
  let taken = 0;
  let stopped = false;

  async function* rows(): AsyncGenerator<Row> {
    let position = 0;
    for await (const row of all) {
      position += 1;
      if (position <= cursor) continue;
      if (taken > 0 && isTimeOver()) {
        stopped = true;
        return;
      }
      taken += 1;
      yield row;
    }
  }

  return { rows: rows(), next: () => (stopped ? cursor + taken : null) };
}
