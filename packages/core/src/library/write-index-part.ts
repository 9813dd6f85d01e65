import { LcbError } from '../errors/lcb-error.ts';
import type { AttemptRef, CopyControl, ShardProgress } from '../ports/backup-provider.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { writeJsonArtefact } from '../repository/json-artefact.ts';
import { writeJsonLines } from '../repository/json-lines.ts';
import {
  backupIdOfCopy,
  backupPrefix,
  indexPartDescriptionPath,
  indexPartPath,
} from '../repository/layout.ts';
import type { IndexPartDescription, IndexRow } from '../repository/library-index.ts';

export interface IndexPartRequest {
  readonly attempt: AttemptRef;
  readonly backups: ObjectStore;
  readonly shard: number;
  readonly cursor: number;
  readonly control: CopyControl;
  /** The rows as they are copied, in the order of their keys. */
  readonly rows: AsyncIterable<IndexRow>;
  /** Asked when the rows have ended. */
  readonly outcome: () => Omit<IndexPartDescription, 'shard' | 'cursor' | 'part' | 'references'>;
}

/** Writes the rows of one index part, then its description. The part is replaced as a whole when the call is repeated. */
export async function writeIndexPart(request: IndexPartRequest): Promise<ShardProgress> {
  const { attempt, backups, shard, cursor, control } = request;
  const prefix = backupPrefix(attempt, attempt.backupId);
  const references = new Set<string>();
  let objectBytes = 0;
  let firstKey: string | undefined;
  let lastKey: string | undefined;

  async function* counted(): AsyncGenerator<IndexRow> {
    for await (const row of request.rows) {
      firstKey ??= row.key;
      lastKey = row.key;
      objectBytes += row.size;
      references.add(referenceOf(row));
      yield row;
      await control.onCopied({ objects: 1, bytes: row.size });
    }
  }

  const path = indexPartPath(attempt.attempt, shard, cursor);
  const written = await writeJsonLines(backups, prefix, path, counted(), control.signal);
  const outcome = request.outcome();
  const description: IndexPartDescription = {
    shard,
    cursor,
    ...outcome,
    part: {
      ...written,
      objectBytes,
      ...(firstKey === undefined ? {} : { firstKey }),
      ...(lastKey === undefined ? {} : { lastKey }),
    },
    references: [...references].sort(),
  };
  await writeJsonArtefact(
    backups,
    prefix,
    indexPartDescriptionPath(attempt.attempt, shard, cursor),
    description,
  );
  const { copiedObjects, copiedBytes } = outcome;
  return { cursor: outcome.next, objects: written.rows, bytes: objectBytes, copiedObjects, copiedBytes };
}

function referenceOf(row: IndexRow): string {
  const backupId = backupIdOfCopy(row.copy.path);
  if (backupId === undefined) {
    throw new LcbError({
      code: 'internal',
      message: `The copy of ${row.key} lies outside of any backup: ${row.copy.path}`,
    });
  }
  return backupId;
}
