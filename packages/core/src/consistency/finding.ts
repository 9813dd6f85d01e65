import { z } from 'zod';
import { bytesSchema, countSchema } from '../model/values.ts';
import { libraryTableSchema } from '../ports/database-engine.ts';

/** What can be wrong between a database and a library. */
export const findingKinds = [
  'missing',
  'wrongSize',
  'unreferenced',
  'unknownCompany',
  'otherLayout',
] as const;
export const findingKindSchema = z.enum(findingKinds);
export type FindingKind = z.infer<typeof findingKindSchema>;

/**
 * Who brought it in. `source`: it was so before the backup began (in a certificate of a restore: so in the backup
 * already). `backup`, `restore`: the pair was better before this run; such a pair is never called fitting.
 */
export const blameSchema = z.enum(['source', 'backup', 'restore']);
export type Blame = z.infer<typeof blameSchema>;

export const findingSchema = z.object({
  kind: findingKindSchema,
  blame: blameSchema,
  /** Of the object. No key has two findings; a list of them is sorted by it (UTF-8 bytes). */
  key: z.string().min(1),
  /** Bytes by the rows (several rows may name one object), and as found. */
  expectedSizes: z.array(bytesSchema).optional(),
  foundSize: bytesSchema.optional(),
  /** The row that names the object; the one with the least id where there are several. */
  row: z
    .object({
      table: libraryTableSchema,
      id: z.string(),
      companyId: z.string().nullable(),
      title: z.string().nullable(),
    })
    .optional(),
  /** The backup before has it as the rows want it: lost since then, and to be had from there. */
  lastBackup: z.string().optional(),
});
/** One object that does not fit, as a line of `consistency-findings.jsonl.zst`. */
export type Finding = z.infer<typeof findingSchema>;

/** Everything that was counted while a pair was compared. */
export const consistencyCountsSchema = z.object({
  /** Rows of DLFileVersion and Image. */
  rows: countSchema,
  /** Those of publications that are not in production. */
  publicationRows: countSchema,
  /** Those that name no object, because their file entry is missing. */
  rowsWithoutKey: countSchema,
  /** Objects that rows in production name, … */
  expected: countSchema,
  /** … and those that only rows of publications name: their bytes may lie in the database (`CTSContent`). */
  publicationObjects: countSchema,
  /** Objects that are there. */
  found: countSchema,
  foundBytes: bytesSchema,
  /** Expected, there, and of the right size. */
  matching: countSchema,
  missing: countSchema,
  wrongSize: countSchema,
  unreferenced: countSchema,
  unknownCompany: countSchema,
  otherLayout: countSchema,
  /** Previews, thumbnails and adaptive media that are there: Liferay makes them again, no row of ours names them. */
  generated: countSchema,
  /** Liferay's own files under `{companyId}/0/`, such as the SAML key store: no row names them either. */
  system: countSchema,
  /** Came to the source after the listing that was taken first: newer than the database's moment, and no harm. */
  arrived: countSchema,
  /** Not in the pair because they were not asked for (generated files left out, other parts of a partial restore). */
  excused: countSchema,
  /** Findings that this run brought in: with one of them the pair does not fit. */
  introduced: countSchema,
});
export type ConsistencyCounts = z.infer<typeof consistencyCountsSchema>;

export function noCounts(): ConsistencyCounts {
  return {
    rows: 0,
    publicationRows: 0,
    rowsWithoutKey: 0,
    expected: 0,
    publicationObjects: 0,
    found: 0,
    foundBytes: 0,
    matching: 0,
    missing: 0,
    wrongSize: 0,
    unreferenced: 0,
    unknownCompany: 0,
    otherLayout: 0,
    generated: 0,
    system: 0,
    arrived: 0,
    excused: 0,
    introduced: 0,
  };
}
