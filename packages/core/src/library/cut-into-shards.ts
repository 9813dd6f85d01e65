/** A shard is full when it has this many rows, or this many bytes to copy. */
export interface ShardLimits {
  readonly rows: number;
  readonly copyBytes: number;
}

/** Cuts a stream into consecutive streams; each must be read to its end before the next. */
export async function* cutIntoShards<Row>(
  rows: AsyncGenerator<Row>,
  limits: ShardLimits,
  copyBytes: (row: Row) => number,
): AsyncGenerator<AsyncGenerator<Row>> {
  try {
    let next = await rows.next();
    while (!next.done) yield shard();

    async function* shard(): AsyncGenerator<Row> {
      let count = 0;
      let bytes = 0;
      while (!next.done && count < limits.rows && (count === 0 || bytes < limits.copyBytes)) {
        count += 1;
        bytes += copyBytes(next.value);
        yield next.value;
        next = await rows.next();
      }
    }
  } finally {
    await rows.return(undefined);
  }
}
