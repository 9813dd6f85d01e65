import type { DatabaseFigures } from './database-figures.ts';
import { DifferenceLog } from './difference-log.ts';
import { compareLibraries, type LibraryFigures } from './library/compare-libraries.ts';
import { folderLibrary } from './library/folder-library.ts';
import type { Library } from './library/library.ts';
import { compareMysql } from './mysql/compare-mysql.ts';
import { comparePostgresql } from './postgresql/compare-postgresql.ts';
import type { ComparisonReport, Figures } from './report.ts';

export interface ComparedEnvironment {
  /** `postgres://…` or `mysql://…` */
  readonly databaseUrl: string;
  /** On MySQL: the databases of the partitions, in the same order on both sides, whatever their names are. */
  readonly partitions?: readonly string[];
  /** On MySQL: tables that are not the environment's own, such as the one that a restore leaves as its mark. Not compared. */
  readonly besides?: readonly string[];
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
 * Rejects when a side cannot be read, or when they are not of one kind; that is no verdict. Both servers should be of the
 * same major version, since they word their definitions differently from one to the next.
 */
export async function compareEnvironments({ a, b, limit = 200 }: CompareOptions): Promise<ComparisonReport> {
  const start = performance.now();
  const log = new DifferenceLog(limit);
  const databases = await compareDatabases(a, b, log);
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

function compareDatabases(
  a: ComparedEnvironment,
  b: ComparedEnvironment,
  log: DifferenceLog,
): Promise<{ readonly a: DatabaseFigures; readonly b: DatabaseFigures }> {
  if (isMysql(a) !== isMysql(b))
    throw new Error('One environment is on PostgreSQL and the other is not: they cannot be equal.');
  return isMysql(a) ? compareMysql(a, b, log) : comparePostgresql(a.databaseUrl, b.databaseUrl, log);
}

function isMysql({ databaseUrl }: ComparedEnvironment): boolean {
  return /^(?:mysql|mariadb):/.test(databaseUrl);
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
