import { type LibraryRows, type LibraryTable, libraryTables } from '@lcb/core';
import { storeCompressed } from '../../stream/store-compressed.ts';
import type { WrittenObjects } from '../../stream/written-objects.ts';
import type { Session } from '../connection/session.ts';
import { countNewlines } from '../inspector/newlines.ts';
import type { FoundLibrary } from './find-library-tables.ts';
import { libraryCopy } from './library-query.ts';

export interface LibraryRowsTarget {
  readonly objects: WrittenObjects;
  /** Relative to the objects' prefix, with its slash at the end. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** Writes `library-rows/{Table}.jsonl.zst` for each table that there is. One after the other: they share one session. */
export async function writeLibraryRows(
  session: Session,
  library: FoundLibrary,
  target: LibraryRowsTarget,
): Promise<LibraryRows[]> {
  const written: LibraryRows[] = [];
  for (const table of libraryTables) {
    const sql = libraryCopy(table, library);
    if (sql !== undefined) written.push(await writeRows(session, table, sql, target));
  }
  return written;
}

async function writeRows(
  session: Session,
  table: LibraryTable,
  sql: string,
  { objects, folder, signal }: LibraryRowsTarget,
): Promise<LibraryRows> {
  let rows = 0;
  async function* counted() {
    for await (const chunk of session.copyOut(sql)) {
      rows += countNewlines(chunk, 0, chunk.length);
      yield chunk;
    }
  }
  const path = `${folder}library-rows/${table}.jsonl.zst`;
  const artefact = await storeCompressed({ objects, path, compression: 'zstd', source: counted(), signal });
  return { ...artefact, table, rows };
}
