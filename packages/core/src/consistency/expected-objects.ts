import type { z } from 'zod';
import { IntegrityError } from '../errors/errors.ts';
import { compareKeys } from '../library/compare-keys.ts';
import { mergeSorted } from '../library/merge-sorted.ts';
import type { LibraryRows } from '../ports/database-engine.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { readJsonLines } from '../repository/json-lines.ts';
import { libraryRowSchemas } from '../repository/library-rows.ts';
import type { ConsistencyCounts } from './finding.ts';

/** One row that names an object. */
export interface NamingRow {
  readonly key: string;
  readonly table: 'DLFileVersion' | 'Image';
  readonly id: string;
  /** `0` is production. */
  readonly ctCollectionId: string;
  readonly companyId: string | null;
  /** As people see the file. */
  readonly title: string | null;
  /** Bytes that the object must have; null where the row does not say so reliably. */
  readonly size: number | null;
  /** When the row was made and changed last, by Liferay's clock. */
  readonly times: readonly string[];
}

/** An object that the database expects, with all rows that name it. */
export interface ExpectedObject {
  readonly key: string;
  /** In the order of table and id. Never empty. */
  readonly rows: readonly NamingRow[];
}

/** Where the rows of a database lie: artefacts under a prefix of a store. */
export interface RowsLocation {
  readonly store: ObjectStore;
  /** What the artefacts' paths are relative to. */
  readonly prefix: string;
  readonly artefacts: readonly LibraryRows[];
}

const fileVersionRow = libraryRowSchemas.DLFileVersion.pick({
  key: true,
  fileVersionId: true,
  ctCollectionId: true,
  companyId: true,
  title: true,
  version: true,
  size_: true,
  createDate: true,
  modifiedDate: true,
});
const imageRow = libraryRowSchemas.Image.pick({
  key: true,
  imageId: true,
  ctCollectionId: true,
  companyId: true,
  modifiedDate: true,
});
const companyRow = libraryRowSchemas.Company.pick({ companyId: true });

/** Every object that the rows name, once, in key order. Counts the rows on the way. Flat memory. */
export async function* expectedObjects(
  location: RowsLocation,
  counts: ConsistencyCounts,
): AsyncGenerator<ExpectedObject> {
  const rows = mergeSorted([
    named(fileVersions(location), 'DLFileVersion', counts),
    named(images(location), 'Image', counts),
  ]);
  let group: NamingRow[] = [];
  for await (const row of rows) {
    const [first] = group;
    if (first !== undefined && first.key !== row.key) {
      yield { key: first.key, rows: group };
      group = [];
    }
    group.push(row);
  }
  const [first] = group;
  if (first !== undefined) yield { key: first.key, rows: group };
}

/** The companies that the database knows: tens of them, thousands at most. */
export async function companyIds(location: RowsLocation): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  for await (const { companyId } of readTable(location, 'Company', companyRow)) ids.add(companyId);
  return ids;
}

export function hasTable({ artefacts }: RowsLocation, table: LibraryRows['table']): boolean {
  return artefacts.some((artefact) => artefact.table === table);
}

/** Code of the error that a database's rows are not in the order that they are documented to be in. */
export const unsortedRows = 'consistency.rowsUnsorted';

type Row = Omit<NamingRow, 'key'> & { readonly key: string | null };

async function* fileVersions(location: RowsLocation): AsyncGenerator<Row> {
  for await (const row of readTable(location, 'DLFileVersion', fileVersionRow)) {
    const { key, ctCollectionId, companyId } = row;
    yield {
      key,
      table: 'DLFileVersion',
      id: row.fileVersionId,
      ctCollectionId,
      companyId,
      title: row.title === null ? null : `${row.title}${row.version === null ? '' : ` (${row.version})`}`,
      size: row.size_,
      times: [row.createDate, row.modifiedDate].filter((time) => time !== null),
    };
  }
}

/** The size in a row of Image is what the picture had when it was uploaded, and often null: it proves nothing. */
async function* images(location: RowsLocation): AsyncGenerator<Row> {
  for await (const row of readTable(location, 'Image', imageRow)) {
    const { key, ctCollectionId, companyId } = row;
    yield {
      key,
      table: 'Image',
      id: row.imageId,
      ctCollectionId,
      companyId,
      title: null,
      size: null,
      times: row.modifiedDate === null ? [] : [row.modifiedDate],
    };
  }
}

async function* named(
  rows: AsyncIterable<Row>,
  table: string,
  counts: ConsistencyCounts,
): AsyncGenerator<NamingRow> {
  let last: string | undefined;
  for await (const { key, ...row } of rows) {
    counts.rows += 1;
    if (row.ctCollectionId !== '0') counts.publicationRows += 1;
    if (key === null) {
      counts.rowsWithoutKey += 1;
      continue;
    }
    if (last !== undefined && compareKeys(key, last) < 0) {
      throw new IntegrityError(
        `The rows of ${table} are not sorted: ${JSON.stringify(key)} comes late.`,
        unsortedRows,
      );
    }
    last = key;
    yield { key, ...row };
  }
}

async function* readTable<T>(
  { store, prefix, artefacts }: RowsLocation,
  table: LibraryRows['table'],
  schema: z.ZodType<T>,
): AsyncGenerator<T> {
  for (const artefact of artefacts) {
    if (artefact.table === table) yield* readJsonLines(store, prefix, artefact, schema);
  }
}
