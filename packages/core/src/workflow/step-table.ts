import { z } from 'zod';
import { verdictSchema } from '../consistency/certificate.ts';
import { operationHandleSchema } from '../model/operation.ts';
import { consistencyStrategySchema, restoreModeSchema, sweptSchema } from '../model/run.ts';
import { unitSchema, unitsSchema } from '../model/unit.ts';
import { bytesSchema, countSchema, errorRecordSchema } from '../model/values.ts';
import { artefactSchema } from '../ports/database-engine.ts';
import { workflowInputSchema } from './workflow-input.ts';

/** How often a step is tried when its error says `retryable`, and how long in between: seconds, doubled, with jitter. */
export interface RetryPolicy {
  readonly maxAttempts: number;
  readonly firstDelay: number;
  readonly maxDelay: number;
}

const patient: RetryPolicy = { maxAttempts: 8, firstDelay: 0.5, maxDelay: 30 };
/** For what must happen whatever else went wrong. */
const stubborn: RetryPolicy = { maxAttempts: 20, firstDelay: 0.5, maxDelay: 60 };

export interface StepDefinition<N extends string, I extends z.ZodType, O extends z.ZodType> {
  /** Stable: journals, graphs and logs use it. */
  readonly name: N;
  readonly input: I;
  readonly output: O;
  readonly retry: RetryPolicy;
  /** May the run be cancelled before this step? Not where stopping would leave something behind. */
  readonly cancellable: boolean;
}

function step<const N extends string, I extends z.ZodType, O extends z.ZodType>(
  name: N,
  input: I,
  output: O,
  options: { readonly retry?: RetryPolicy; readonly cancellable?: boolean } = {},
): StepDefinition<N, I, O> {
  return { name, input, output, retry: options.retry ?? patient, cancellable: options.cancellable ?? true };
}

const run = workflowInputSchema;
const inAttempt = run.extend({ attempt: z.number().int().positive() });
/** Is the library to be the one of the database's moment? */
const inExactAttempt = inAttempt.extend({ exact: z.boolean().default(false) });
/** A step of a restore, or the same step once more with the safety backup, because the restore in place failed. */
const inRestore = run.extend({ rollback: z.boolean().default(false) });
/**
 * How many shards are worked on side by side. The plan says it, since a workflow knows no configuration and must do the same when it is
 * played again; plans that were journalled before it was said meant two.
 */
const shardsAtOnce = z.number().int().positive().default(2);
/** One of how many shards, and where an earlier call of it stopped. */
const shardInput = { shard: countSchema, shards: z.number().int().positive(), cursor: countSchema };
const shardProgress = z.object({
  cursor: countSchema.nullable(),
  objects: countSchema,
  bytes: bytesSchema,
  copiedObjects: countSchema,
  copiedBytes: bytesSchema,
});
const outcome = z.discriminatedUnion('state', [
  z.object({ state: z.literal('Succeeded') }),
  z.object({ state: z.literal('Failed'), error: errorRecordSchema }),
  z.object({ state: z.literal('Cancelled') }),
]);
const finished = z.object({ state: z.enum(['Succeeded', 'Failed', 'Cancelled']) });
/** A failed operation is an answer of the poll, not a failure of it: asking again would not mend it. */
const polled = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('InProgress'),
    /** After so many seconds the answer will be another one in any case. */
    secondsLeft: z.number().nonnegative().optional(),
  }),
  z.object({ state: z.literal('Succeeded') }),
  z.object({ state: z.literal('Failed'), error: errorRecordSchema }),
]);
export type Polled = z.infer<typeof polled>;
/** A dead backup, and the key in its folder, that a sweep has come to. */
const sweepCursor = z.object({ backupId: z.string(), key: z.string() });
export type SweepCursor = z.infer<typeof sweepCursor>;
const unitFailures = z.array(z.object({ unit: unitSchema, error: errorRecordSchema }));
export type UnitFailures = z.infer<typeof unitFailures>;

/** The one table of steps: every workflow and every engine goes by it. Names are stable: journals and graphs use them. */
export const stepTable = {
  backupPlan: step(
    'backup.plan',
    run,
    z.object({
      units: unitsSchema,
      consistency: consistencyStrategySchema.default('databaseFirst'),
      whyNotExact: z.string().optional(),
      imports: z.boolean().default(false),
    }),
  ),
  backupImportStart: step('backup.import.start', inAttempt, operationHandleSchema),
  backupImportPoll: step('backup.import.poll', inAttempt.extend({ handle: operationHandleSchema }), polled),
  backupQuiesce: step('backup.quiesce', inAttempt, z.object({ since: z.string() })),
  backupLibraryPrelist: step('backup.library.prelist', inAttempt, z.object({ objects: countSchema })),
  backupDatabaseStart: step('backup.database.start', inExactAttempt, operationHandleSchema),
  backupDatabasePoll: step(
    'backup.database.poll',
    inAttempt.extend({ handle: operationHandleSchema }),
    polled,
  ),
  backupLibraryPlan: step(
    'backup.library.plan',
    inExactAttempt,
    z.object({ shards: countSchema, shardsAtOnce }),
  ),
  backupLibraryCopy: step('backup.library.copy', inAttempt.extend(shardInput), shardProgress),
  backupLibraryFold: step(
    'backup.library.fold',
    inAttempt.extend({ shards: countSchema }),
    z.object({ objects: countSchema }),
  ),
  backupSearchStart: step('backup.search.start', inAttempt, operationHandleSchema),
  backupSearchPoll: step('backup.search.poll', inAttempt.extend({ handle: operationHandleSchema }), polled),
  backupResume: step('backup.resume', inAttempt, z.object({ seconds: z.number().nonnegative() }), {
    retry: stubborn,
    cancellable: false,
  }),
  backupValidate: step(
    'backup.validate',
    inAttempt.extend({ units: unitsSchema }),
    z.object({ checks: countSchema, failures: unitFailures }),
  ),
  backupConsistency: step(
    'backup.consistency',
    inAttempt.extend({ units: unitsSchema }),
    z.object({
      verdict: verdictSchema,
      /** Units that turned out damaged while they were compared. */
      failures: unitFailures,
      /** What the backup itself brought in, if anything: another attempt may do better. */
      problem: errorRecordSchema.nullable(),
    }),
  ),
  backupSeal: step(
    'backup.seal',
    inAttempt.extend({
      units: unitsSchema,
      failures: unitFailures,
      whyNotExact: z.string().optional(),
    }),
    z.object({ manifestSha256: z.string() }),
  ),
  backupFinish: step('backup.finish', run.extend({ outcome }), finished, {
    retry: stubborn,
    cancellable: false,
  }),

  restorePlan: step(
    'restore.plan',
    run,
    z.object({
      units: unitsSchema,
      mode: restoreModeSchema,
      rollsBack: z.boolean(),
      scripts: countSchema.default(0),
    }),
  ),
  restoreDatabaseStart: step(
    'restore.database.start',
    inRestore.extend({ attempt: z.number().int().positive() }),
    operationHandleSchema,
  ),
  restoreDatabasePoll: step(
    'restore.database.poll',
    inRestore.extend({ handle: operationHandleSchema }),
    polled,
  ),
  restoreLibraryPlan: step(
    'restore.library.plan',
    inRestore,
    z.object({ plan: artefactSchema, shards: countSchema, shardsAtOnce }),
  ),
  restoreLibraryCopy: step(
    'restore.library.copy',
    inRestore.extend({ plan: artefactSchema, ...shardInput }),
    shardProgress,
  ),
  restoreLibraryRemove: step(
    'restore.library.remove',
    inRestore.extend({ plan: artefactSchema, after: z.string() }),
    z.object({ removed: countSchema, after: z.string().nullable() }),
  ),
  restoreSearchStart: step('restore.search.start', inAttempt, operationHandleSchema),
  restoreSearchPoll: step('restore.search.poll', run.extend({ handle: operationHandleSchema }), polled),
  restoreRollback: step('restore.rollback', inRestore, z.object({ units: z.array(unitSchema) })),
  restoreGenerated: step('restore.generated', inRestore, z.object({ rows: countSchema })),
  restoreValidate: step(
    'restore.validate',
    inRestore.extend({ plan: artefactSchema.optional() }),
    z.object({ checks: countSchema }),
  ),
  restoreRowsStart: step('restore.rows.start', inAttempt, operationHandleSchema),
  restoreRowsPoll: step('restore.rows.poll', run.extend({ handle: operationHandleSchema }), polled),
  restoreCertify: step(
    'restore.certify',
    run.extend({ plan: artefactSchema }),
    z.object({ verdict: verdictSchema, findings: artefactSchema.nullable() }),
  ),
  restoreUnreferenced: step(
    'restore.unreferenced',
    run.extend({ findings: artefactSchema.nullable() }),
    z.object({ removed: countSchema }),
  ),
  restoreScriptsStart: step('restore.scripts.start', run, operationHandleSchema),
  restoreScriptsPoll: step('restore.scripts.poll', run.extend({ handle: operationHandleSchema }), polled),
  // Once places have begun to change, it is brought to its end.
  restoreSwap: step('restore.swap', run, z.object({ exchanged: z.array(unitSchema) }), {
    cancellable: false,
  }),
  /** After it nothing is undone any more, so nothing is cancelled either. */
  restoreReindex: step('restore.reindex', run, z.object({ state: z.enum(['Called', 'NotDeclared']) }), {
    cancellable: false,
  }),
  restoreFinish: step('restore.finish', run.extend({ outcome }), finished, {
    retry: stubborn,
    cancellable: false,
  }),

  deletePlan: step('delete.plan', run, z.object({ backupId: z.string() })),
  // Once the word is written, the backup is deleted.
  deleteRecord: step('delete.record', run, z.object({ key: z.string() }), { cancellable: false }),
  deleteFinish: step('delete.finish', run.extend({ outcome }), finished, {
    retry: stubborn,
    cancellable: false,
  }),

  sweepPlan: step('sweep.plan', run, z.object({ dead: countSchema })),
  sweepRemove: step(
    'sweep.remove',
    run.extend({ after: sweepCursor.nullable() }),
    z.object({ objects: countSchema, bytes: bytesSchema, after: sweepCursor.nullable() }),
  ),
  sweepFinish: step('sweep.finish', run.extend({ outcome, swept: sweptSchema }), finished, {
    retry: stubborn,
    cancellable: false,
  }),

  /** `certifies`: is there a library in the backup that the restored rows can be held against? */
  verifyPlan: step('verify.plan', run, z.object({ certifies: z.boolean() })),
  verifyDatabaseStart: step('verify.database.start', inAttempt, operationHandleSchema),
  verifyDatabasePoll: step('verify.database.poll', run.extend({ handle: operationHandleSchema }), polled),
  verifyRowsStart: step('verify.rows.start', inAttempt, operationHandleSchema),
  verifyRowsPoll: step('verify.rows.poll', run.extend({ handle: operationHandleSchema }), polled),
  verifyCertify: step('verify.certify', run, z.object({ verdict: verdictSchema })),
  verifyFinish: step('verify.finish', run.extend({ outcome }), finished, {
    retry: stubborn,
    cancellable: false,
  }),

  copyPlan: step('copy.plan', run, z.object({ artefacts: countSchema, parts: countSchema, shardsAtOnce })),
  copyArtefacts: step(
    'copy.artefacts',
    run.extend({ cursor: countSchema }),
    z.object({ cursor: countSchema.nullable() }),
  ),
  copyLibrary: step('copy.library', run.extend(shardInput), shardProgress),
  copyFold: step('copy.fold', run.extend({ parts: countSchema }), z.object({ objects: countSchema })),
  copyValidate: step('copy.validate', run, z.object({ checks: countSchema })),
  copySeal: step('copy.seal', run, z.object({ manifestSha256: z.string() })),
  copyFinish: step('copy.finish', run.extend({ outcome }), finished, {
    retry: stubborn,
    cancellable: false,
  }),
} as const;

export type StepKey = keyof typeof stepTable;
export type StepName = (typeof stepTable)[StepKey]['name'];

export const stepNames: readonly StepName[] = Object.values(stepTable).map(({ name }) => name);
