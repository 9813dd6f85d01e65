import type { Client } from 'pg';
import { compareDefinitions, type DefinitionCounts } from './database/compare-definitions.ts';
import { compareLargeObjects, type LargeObjectFigures } from './database/compare-large-objects.ts';
import { compareRows } from './database/compare-rows.ts';
import { compareSequences } from './database/compare-sequences.ts';
import { openSession } from './database/session.ts';
import { DifferenceLog } from './difference-log.ts';
import { compareLibraries, type LibraryFigures } from './library/compare-libraries.ts';
import { folderLibrary } from './library/folder-library.ts';
import type { Library } from './library/library.ts';
import type { ComparisonReport, Figures } from './report.ts';

export interface ComparedEnvironment {
  /** `postgres://…` */
  readonly databaseUrl: string;
  /** The folder whose paths are the keys of the document library. */
  readonly libraryFolder: string;
  /** The library, where it lies somewhere else than in that folder. */
  readonly library?: Library | undefined;
}

export interface CompareOptions {
  readonly a: ComparedEnvironment;
  readonly b: ComparedEnvironment;
  /** How many differences the report names; it counts all of them. 200 unless said otherwise. */
  readonly limit?: number;
}

/**
 * Judges whether two environments are the same: definitions, rows, sequences and large objects of the database,
 * keys, bytes and times of the document library. Reads only; memory stays flat whatever the size. Shares no code
 * with the product on purpose, so that a mistake in the product cannot hide itself here.
 *
 * Rejects when a side cannot be read; that is no verdict. Both servers should be of the same major version, since
 * PostgreSQL words its definitions differently from one to the next.
 */
export async function compareEnvironments({ a, b, limit = 200 }: CompareOptions): Promise<ComparisonReport> {
  const start = performance.now();
  const log = new DifferenceLog(limit);
  const databases = await withSessions(a.databaseUrl, b.databaseUrl, (clientA, clientB) =>
    compareDatabases(clientA, clientB, log),
  );
  const libraries = await compareLibraries(libraryOf(a), libraryOf(b), log);
  return {
    equal: log.total === 0,
    differences: log.kept,
    differenceCounts: log.counts,
    differenceTotal: log.total,
    figures: { a: figures(databases.a, libraries.a), b: figures(databases.b, libraries.b) },
    durationMilliseconds: Math.round(performance.now() - start),
  };
}

function libraryOf({ library, libraryFolder }: ComparedEnvironment): Library {
  return library ?? folderLibrary(libraryFolder);
}

interface DatabaseFigures {
  readonly definitions: DefinitionCounts;
  readonly rows: number;
  readonly largeObjects: LargeObjectFigures;
}

async function compareDatabases(
  a: Client,
  b: Client,
  log: DifferenceLog,
): Promise<{ a: DatabaseFigures; b: DatabaseFigures }> {
  const definitions = await compareDefinitions(a, b, log);
  const rows = await compareRows(a, b, log);
  await compareSequences(a, b, log);
  const largeObjects = await compareLargeObjects(a, b, log);
  return {
    a: { definitions: definitions.a, rows: rows.a, largeObjects: largeObjects.a },
    b: { definitions: definitions.b, rows: rows.b, largeObjects: largeObjects.b },
  };
}

async function withSessions<T>(
  urlA: string,
  urlB: string,
  use: (a: Client, b: Client) => Promise<T>,
): Promise<T> {
  const a = await openSession(urlA);
  try {
    const b = await openSession(urlB);
    try {
      return await use(a, b);
    } finally {
      await b.end();
    }
  } finally {
    await a.end();
  }
}

function figures({ definitions, rows, largeObjects }: DatabaseFigures, library: LibraryFigures): Figures {
  return {
    schemas: definitions.schema ?? 0,
    tables: definitions.table ?? 0,
    rows,
    sequences: definitions.sequence ?? 0,
    largeObjects: largeObjects.count,
    largeObjectBytes: largeObjects.bytes,
    objects: library.objects,
    bytes: library.bytes,
  };
}
