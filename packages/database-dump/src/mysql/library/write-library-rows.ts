import { type LibraryRows, type LibraryTable, libraryTables } from '@lcb/core';
import { z } from 'zod';
import { jsonLines } from '../../stream/json-lines.ts';
import { storeCompressed } from '../../stream/store-compressed.ts';
import type { WrittenObjects } from '../../stream/written-objects.ts';
import type { Session } from '../connection/session.ts';
import { jsonValue } from './columns.ts';
import type { FoundLibrary } from './find-library-tables.ts';
import { type LibraryQuery, libraryQuery } from './library-query.ts';

export interface LibraryRowsTarget {
  readonly objects: WrittenObjects;
  /** Relative to the objects' prefix, with its slash at the end. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

const valuesRow = z.array(z.string().nullable());

/** Keys are compared to their end, and the answer to a NULL is NULL. */
const SORT_WHOLE_KEYS = 'SET SESSION max_sort_length = 4096';

/** Writes `library-rows/{Table}.jsonl.zst` for each table that there is. One after the other: they share one session. */
export async function writeLibraryRows(
  session: Session,
  library: FoundLibrary,
  target: LibraryRowsTarget,
): Promise<LibraryRows[]> {
  await session.run(SORT_WHOLE_KEYS);
  const written: LibraryRows[] = [];
  for (const table of libraryTables) {
    const query = libraryQuery(table, library);
    if (query !== undefined) written.push(await writeRows(session, table, query, target));
  }
  return written;
}

async function writeRows(
  session: Session,
  table: LibraryTable,
  { sql, fields }: LibraryQuery,
  { objects, folder, signal }: LibraryRowsTarget,
): Promise<LibraryRows> {
  let rows = 0;
  async function* values() {
    for await (const row of session.rows(sql)) {
      const texts = valuesRow.parse(row);
      rows += 1;
      yield Object.fromEntries(
        fields.map(({ name, kind }, at) => [name, jsonValue(texts[at] ?? null, kind)]),
      );
    }
  }
  const path = `${folder}library-rows/${table}.jsonl.zst`;
  const source = jsonLines(values());
  const artefact = await storeCompressed({ objects, path, compression: 'zstd', source, signal });
  return { ...artefact, table, rows };
}
