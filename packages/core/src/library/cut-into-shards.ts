/** A shard is full when it has this many rows that cost a copy, or this many bytes to copy. */
export interface ShardLimits {
  readonly rows: number;
  readonly copyBytes: number;
}

/** What a row costs, of what a shard may cost. */
export interface RowWork {
  /** 1: an object is copied. */
  readonly rows: number;
  readonly copyBytes: number;
}

/** Cuts a stream into consecutive streams; each must be read to its end before the next. */
export async function* cutIntoShards<Row>(
  source: AsyncGenerator<Row>,
  limits: ShardLimits,
  workOf: (row: Row) => RowWork,
): AsyncGenerator<AsyncGenerator<Row>> {
  try {
    let next = await source.next();
    while (!next.done) yield shard();

    async function* shard(): AsyncGenerator<Row> {
      let rows = 0;
      let copyBytes = 0;
      while (!next.done && rows < limits.rows && (rows === 0 || copyBytes < limits.copyBytes)) {
        const work = workOf(next.value);
        rows += work.rows;
        copyBytes += work.copyBytes;
        yield next.value;
        next = await source.next();
      }
    }
  } finally {
    await source.return(undefined);
  }
}
