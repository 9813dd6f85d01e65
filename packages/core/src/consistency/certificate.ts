import { z } from 'zod';
import { backupIdSchema } from '../model/ids.ts';
import { countSchema, intervalSchema } from '../model/values.ts';
import { artefactSchema, nonTransactionalTableSchema } from '../ports/database-engine.ts';
import { exactMomentSchema } from '../repository/library-index.ts';
import {
  type ConsistencyCounts,
  consistencyCountsSchema,
  findingKindSchema,
  findingKinds,
  findingSchema,
} from './finding.ts';

/**
 * - `consistent`: every object that the database expects is there with its size, and nothing else is.
 * - `consistentWithSourceDrift`: what does not fit did not fit before the run either. A warning.
 * - `inconsistent`: the run itself brought in what does not fit. Such a pair is not offered as one.
 * - `notApplicable`: there was nothing to be compared, see `reason`.
 */
export const verdictSchema = z.enum([
  'consistent',
  'consistentWithSourceDrift',
  'inconsistent',
  'notApplicable',
]);
export type Verdict = z.infer<typeof verdictSchema>;

export const notApplicableSchema = z.object({
  code: z.enum(['oneUnit', 'noLibraryTables', 'databaseStore', 'otherLayout']),
  /** What that means and what to do, for people. */
  message: z.string(),
});
export type NotApplicable = z.infer<typeof notApplicableSchema>;

/** Where the rows are from. Only those of a dump's own snapshot, or of a database at rest, are of one moment for sure. */
export const rowsSourceSchema = z.object({
  from: z.enum(['dump', 'query', 'restoredDatabase']),
  /** Are they exactly what the database of the pair has? Never said of a live query. */
  exact: z.boolean(),
  /** Why they are not, as sentences. */
  caveats: z.array(z.string()),
  /** Tables that no snapshot holds still (MySQL). */
  nonTransactional: z.array(nonTransactionalTableSchema).optional(),
  /** By the database server's clock. */
  moment: intervalSchema,
});
export type RowsSource = z.infer<typeof rowsSourceSchema>;

/** Where the objects are from. */
export const objectsSourceSchema = z.object({
  /** `index`: what a backup holds. `listing`: what lies in a library. */
  from: z.enum(['index', 'listing']),
  /** Of the library that was listed. */
  location: z.string(),
  /** When it was listed, by the service's clock. */
  listed: intervalSchema.nullable(),
  /** Chosen from the versions that its bucket keeps: the library is the one of the database's moment. */
  exact: exactMomentSchema.optional(),
});
export type ObjectsSource = z.infer<typeof objectsSourceSchema>;

/** By what it is told who brought a difference in. */
export const evidenceSourceSchema = z.union([
  z.object({ from: z.literal('listing'), listed: intervalSchema, objects: countSchema }),
  z.object({ from: z.literal('backup'), backupId: backupIdSchema }),
]);
export type EvidenceSource = z.infer<typeof evidenceSourceSchema>;

export const certificateSchema = z.object({
  format: z.literal('lcb-consistency'),
  version: z.literal(1),
  /** The run that made the pair. */
  madeBy: z.enum(['backup', 'restore']),
  verdict: verdictSchema,
  reason: notApplicableSchema.optional(),
  rows: rowsSourceSchema.optional(),
  objects: objectsSourceSchema.optional(),
  before: evidenceSourceSchema.optional(),
  /** The backup that tells since when something is gone. */
  base: backupIdSchema.optional(),
  /** By which rules it was compared, as sentences. */
  rules: z.array(z.string()),
  counts: consistencyCountsSchema,
  /** The first findings of each kind, in key order; kinds without any are left out. */
  first: z.partialRecord(findingKindSchema, z.array(findingSchema)),
  /** All of them, as JSON lines, in key order. */
  findings: artefactSchema.extend({ rows: countSchema }).optional(),
});
/** Says whether a database and a document library fit together, from when they are, and what does not fit. */
export type Certificate = z.infer<typeof certificateSchema>;

/** What a manifest says of it. */
export const certificateSummarySchema = z.object({
  artefact: artefactSchema,
  verdict: verdictSchema,
  counts: consistencyCountsSchema,
});

export function verdictOf(counts: ConsistencyCounts): Verdict {
  if (counts.introduced > 0) return 'inconsistent';
  return findingKinds.some((kind) => counts[kind] > 0) ? 'consistentWithSourceDrift' : 'consistent';
}
