import { IntegrityError } from '../errors/errors.ts';
import { listEverything } from '../library/every-version.ts';
import { backupIdSchema, type EnvironmentRef } from '../model/ids.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { TrustedKey } from '../ports/signer.ts';
import { backupPrefix } from '../repository/layout.ts';
import type { Manifest } from '../repository/manifest.ts';
import { findManifest } from '../repository/open-manifest.ts';
import { isHeld, type Standing } from '../repository/standing.ts';
import { findEnvironments } from '../verify/find-environments.ts';
import { verifyRecords } from '../verify/verify-records.ts';

export interface MarkRequest {
  readonly store: ObjectStore;
  readonly ref: EnvironmentRef;
  readonly trustedKeys: readonly TrustedKey[];
  /** RFC 3339. */
  readonly now: string;
  /** Seconds for which a folder without a manifest is left alone after the last write to it: somebody else may be making it. */
  readonly graceSeconds: number;
  /** Backups that runs at work read, write or build on, whatever their records say. */
  readonly inUse: ReadonlySet<string>;
}

/** A backup, or what is left of one, whose bytes may go as far as no other backup needs them. */
export interface DeadBackup {
  readonly backupId: string;
  /** Its deletion is on record and its time of grace is over; or it was never sealed. */
  readonly why: 'deleted' | 'neverSealed';
  /** Until it is removed, before everything else. */
  readonly manifest?: Manifest;
  /** Kept backups whose indexes refer to its folder. */
  readonly neededBy: readonly Manifest[];
}

export interface Marked {
  readonly kept: readonly Manifest[];
  readonly dead: readonly DeadBackup[];
}

const missing = 'Its manifest is missing, although records speak of it, and none of its deletion.';

/** Units that this version knows; what another one refers to it can't know. */
const knownUnits: ReadonlySet<string> = new Set(['database', 'documentLibrary', 'search']);

/**
 * Tells the dead from the kept, by manifests and records in the bucket alone: a catalog that forgot a backup takes nothing away.
 * @throws IntegrityError `sweep.unreadable` where one of them can't be read or believed: what it keeps is not known then
 */
export async function findDead(request: MarkRequest): Promise<Marked> {
  const { store, ref, trustedKeys, now, inUse } = request;
  const { standings, endedRuns, problems } = await verifyRecords(store, ref, trustedKeys);
  const [problem] = problems.texts;
  if (problem !== undefined) throw unreadable('a record', problem);
  const isOnRecord = (backupId: string) => standings.has(backupId) || endedRuns.has(backupId);
  const kept: Manifest[] = [];
  const dead: Omit<DeadBackup, 'neededBy'>[] = [];
  const { environments } = await findEnvironments(store, ref);
  const folders = new Set(environments.flatMap(({ backupIds }) => backupIds));
  for (const backupId of [...standings.keys(), ...endedRuns]) {
    const isGone = backupIdSchema.safeParse(backupId).success && !folders.has(backupId);
    if (isGone && standings.get(backupId)?.deleted === undefined) throw unreadable(backupId, missing);
  }
  for (const backupId of folders) {
    // Not a folder of ours.
    if (!backupIdSchema.safeParse(backupId).success) continue;
    const manifest = await readable(backupId, () => findManifest(store, ref, backupId, trustedKeys));
    const standing = standings.get(backupId) ?? {};
    const isDue = isDeletionDue(standing, now) && !inUse.has(backupId);
    if (manifest !== undefined) {
      refuseUnknownUnits(manifest.value);
      // One that was sealed after the deletion is another one: copied here anew.
      const isMeant = Date.parse(manifest.value.sealedAt) <= Date.parse(standing.deleted?.at ?? '');
      if (isDue && isMeant) dead.push({ backupId, why: 'deleted', manifest: manifest.value });
      else kept.push(manifest.value);
    } else if (standing.deleted !== undefined) {
      // Somebody may be copying it here anew.
      if (isDue && (await isAbandoned(request, backupId))) dead.push({ backupId, why: 'deleted' });
    } else if (isOnRecord(backupId)) {
      throw unreadable(backupId, missing);
    } else if (!inUse.has(backupId) && (await isAbandoned(request, backupId))) {
      dead.push({ backupId, why: 'neverSealed' });
    }
  }
  return {
    kept,
    dead: dead.map((found) => ({
      ...found,
      neededBy: kept.filter((manifest) => refersTo(manifest, found.backupId)),
    })),
  };
}

async function readable<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof IntegrityError) throw unreadable(name, error.message);
    throw error;
  }
}

function unreadable(name: string, reason: string): IntegrityError {
  return new IntegrityError(
    `Nothing was removed: ${name} can't be read or believed, so what it needs is not known. ${reason} Look at it with lcb verify.`,
    'sweep.unreadable',
  );
}

function refuseUnknownUnits({ backupId, units }: Manifest): void {
  const unknown = Object.keys(units).filter((unit) => !knownUnits.has(unit));
  if (unknown.length > 0)
    throw unreadable(backupId, `It has units that this lcb does not know (${unknown.join(', ')}).`);
}

/** A pin or a hold that came later than the deletion keeps it all the same. */
function isDeletionDue(standing: Standing, now: string): boolean {
  const { deleted, pinned } = standing;
  if (deleted === undefined || pinned !== undefined || isHeld(standing, now)) return false;
  return deleted.until !== undefined && Date.parse(deleted.until) < Date.parse(now);
}

function refersTo({ units }: Manifest, backupId: string): boolean {
  return units.documentLibrary?.references.includes(backupId) ?? false;
}

async function isAbandoned(
  { store, ref, now, graceSeconds }: MarkRequest,
  backupId: string,
): Promise<boolean> {
  const prefix = backupPrefix(ref, backupId);
  const end = Date.parse(now) - graceSeconds * 1000;
  for await (const { lastModified } of listEverything(store, { prefix }))
    if (Date.parse(lastModified) >= end) return false;
  return true;
}
