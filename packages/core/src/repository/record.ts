import { z } from 'zod';
import { IntegrityError, PreconditionFailedError } from '../errors/errors.ts';
import { auditHeadSchema } from '../model/audit-entry.ts';
import { backupIdSchema, type EnvironmentRef, environmentNameSchema, projectIdSchema } from '../model/ids.ts';
import { countSchema, sha256Schema, timeSchema } from '../model/values.ts';
import { verificationFiguresSchema, verificationLevelSchema } from '../model/verification.ts';
import type { Clock } from '../ports/clock.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { Signer, TrustedKey } from '../ports/signer.ts';
import { readBytes } from './json-artefact.ts';
import { recordKey, recordsPrefix } from './layout.ts';
import { signDocument, verifyDocument } from './signed-document.ts';

const common = { at: timeSchema, actor: z.string().min(1) };
const ofBackup = { ...common, backupId: backupIdSchema };

/** What happened to a backup after its seal, or to the audit chain: signed and written once beside the manifests. */
const recordBodySchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('verified'),
    ...ofBackup,
    ok: z.boolean(),
    /** The first of them. */
    problems: z.array(z.string()),
    ...verificationFiguresSchema.shape,
    // Records of before the levels: every byte was read, and nobody kept how long that took.
    level: verificationLevelSchema.default('full'),
    seconds: z.number().nonnegative().optional(),
    artefacts: countSchema.optional(),
    objects: countSchema.optional(),
    objectsRead: countSchema.optional(),
  }),
  z.object({ type: z.literal('pinned'), ...ofBackup, reason: z.string().optional() }),
  z.object({ type: z.literal('unpinned'), ...ofBackup }),
  z.object({ type: z.literal('held'), ...ofBackup, until: timeSchema.optional() }),
  z.object({ type: z.literal('released'), ...ofBackup }),
  z.object({
    type: z.literal('deleted'),
    ...ofBackup,
    reason: z.string().optional(),
    /** Until then it can be undeleted, and its bytes stay whatever happens. */
    until: timeSchema.optional(),
  }),
  z.object({ type: z.literal('undeleted'), ...ofBackup }),
  z.object({ type: z.literal('drilled'), ...ofBackup, ok: z.boolean(), seconds: z.number().nonnegative() }),
  /** Of a copy, beside its manifest: the only word there that the newest copy was made. */
  z.object({
    type: z.literal('copied'),
    ...ofBackup,
    copyId: z.string().min(1),
    manifestSha256: sha256Schema,
  }),
  z.object({
    type: z.literal('auditHead'),
    ...common,
    head: auditHeadSchema,
    /** Of the end of a backup: has it a manifest? */
    sealed: z.boolean().optional(),
  }),
  /** The catalog was lost and made again from here: `auditHead`s of before are of a chain that is no more. */
  z.object({ type: z.literal('catalogRebuilt'), ...common, head: auditHeadSchema }),
]);
export type RecordBody = z.infer<typeof recordBodySchema>;

/** Says in the signed text itself whose record it is and under which key it lies: one that was moved is noticed. */
const recordSchema = recordBodySchema.and(
  z.object({
    format: z.literal('lcb-record'),
    version: z.literal(1),
    projectId: projectIdSchema,
    environment: environmentNameSchema,
    recordId: z.string().min(1),
  }),
);
export type Record = z.infer<typeof recordSchema>;

/** Signs and stores a record under its time and id. A record that is there already under them stays as it is. */
export async function writeRecord(
  store: ObjectStore,
  signer: Signer,
  clock: Clock,
  ref: EnvironmentRef,
  recordId: string,
  body: RecordBody,
): Promise<string> {
  const key = recordKey(ref, body.at, recordId);
  const { projectId, environment } = ref;
  const record: Record = { format: 'lcb-record', version: 1, projectId, environment, recordId, ...body };
  try {
    await store.put(key, await signDocument(signer, clock, 'lcb-record', record), {
      ifNoneMatch: '*',
      contentType: 'application/json',
    });
  } catch (error) {
    if (!(error instanceof PreconditionFailedError)) throw error;
  }
  return key;
}

/** A record as it lies there: read and believed, or what is wrong with it. */
export type FoundRecord =
  | { readonly key: string; readonly record: Record; readonly problem?: undefined }
  | { readonly key: string; readonly record?: undefined; readonly problem: IntegrityError };

/** Every record of an environment, oldest first. One that was forged, damaged or moved is named and hides no other. */
export async function* readRecords(
  store: ObjectStore,
  ref: EnvironmentRef,
  trusted: readonly TrustedKey[],
): AsyncGenerator<FoundRecord> {
  for await (const { key } of store.list({ prefix: recordsPrefix(ref) })) {
    try {
      yield { key, record: await openRecord(store, key, trusted) };
    } catch (error) {
      if (!(error instanceof IntegrityError)) throw error;
      yield { key, problem: error };
    }
  }
}

async function openRecord(store: ObjectStore, key: string, trusted: readonly TrustedKey[]): Promise<Record> {
  const { value } = await verifyDocument(await readBytes(store, key), 'lcb-record', recordSchema, trusted);
  const { projectId, environment, at, recordId } = value;
  // The order of keys is the order of events: a copy under a later key would make an old record count anew.
  if (key !== recordKey({ projectId, environment }, at, recordId)) {
    throw new IntegrityError(
      `It is the record ${recordId} of ${projectId}/${environment} of ${at}: it was moved there.`,
      'record.misplaced',
    );
  }
  return value;
}
