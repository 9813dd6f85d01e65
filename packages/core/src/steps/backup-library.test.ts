import { describe, expect, it } from 'vitest';
import type { Backup } from '../model/run.ts';
import { backupPrefix, manifestKey } from '../repository/layout.ts';
import { openManifest } from '../repository/open-manifest.ts';
import { backupRun } from '../testing/backup-run.ts';
import { type BackupWorld, backupWorld } from '../testing/backup-world.ts';
import { environment } from '../testing/library-backup.ts';
import { type SealedBackup, sealBackup } from '../testing/sealed-backup.ts';
import { planLibrary, readLibraryPlan } from './backup-library.ts';

const baseId = 'retail-prd-backup-20251108-143000';
const input = { runId: 'retail-prd-backup-20251109-143000', projectId: 'retail', attempt: 1 };

/** A library of five objects, of which the base has all but one. */
async function world(change: (latest: Backup) => Backup = (latest) => latest) {
  const options: { latest?: Backup } = {};
  const made = backupWorld(backupRun(), options);
  for (const key of ['a', 'b', 'c', 'd']) await made.library.put(key, Buffer.from(key));
  const base = await sealBackup({
    source: made.library,
    backups: made.backups,
    backupId: baseId,
    signer: made.signer,
  });
  await made.library.put('e', Buffer.from('e'));
  const { sha256 } = await hashOf(made);
  const { sealedAt, dataTime, attempt } = base.manifest;
  const run = backupRun({ runId: baseId, state: 'Succeeded' });
  options.latest = change({
    ...run,
    sealed: { manifestSha256: sha256, attempt, sealedAt, dataTime, base: null },
  });
  return { ...made, base };
}

async function hashOf({ backups, signer }: BackupWorld) {
  return openManifest(backups, environment, baseId, [signer.trusted]);
}

async function plan({ context, backups }: BackupWorld) {
  await planLibrary({ ...input, exact: false }, context);
  return readLibraryPlan(backups, backupRun(), 1);
}

const indexFiles = ({ library }: SealedBackup) => [
  library.unit.index.path,
  ...library.index.parts.map(({ path }) => path),
];

describe('planning the library of a backup', () => {
  it('copies only what the base lacks', async () => {
    const made = await world();
    expect(await plan(made)).toMatchObject({ base: baseId, objects: 5, copyObjects: 1, shards: 1 });
    expect(made.units.get('documentLibrary')).toMatchObject({ state: 'InProgress', objects: 5 });
  });

  it.each([
    [
      'lies in another location',
      (latest: Backup) => ({
        ...latest,
        request: {
          ...latest.request,
          source: { ...latest.request.source, backups: { location: 'memory://other' } },
        },
      }),
    ],
    [
      'was sealed with another manifest',
      (latest: Backup) => ({
        ...latest,
        ...(latest.sealed === undefined ? {} : { sealed: { ...latest.sealed, manifestSha256: 'other' } }),
      }),
    ],
    ['is not there', (latest: Backup) => ({ ...latest, runId: 'retail-prd-backup-20251107-143000' })],
  ])('copies everything where the last backup %s, and says why', async (_why, change) => {
    const made = await world(change);
    expect(await plan(made)).toMatchObject({ base: null, baseRefused: expect.any(String), copyObjects: 5 });
  });

  it('copies everything where the index of the base is damaged or gone, and says why', async () => {
    const { base } = await world();
    for (const path of indexFiles(base)) {
      for (const damage of ['cut', 'gone']) {
        const made = await world();
        const key = backupPrefix(environment, baseId) + path;
        if (damage === 'gone') await made.backups.deleteMany([{ key }]);
        else made.backups.tamper(key, (bytes) => bytes.subarray(0, -1));
        expect(await plan(made), `${path} ${damage}`).toMatchObject({
          base: null,
          baseRefused: expect.stringContaining(baseId),
          objects: 5,
          copyObjects: 5,
        });
      }
    }
  });

  it('copies everything where the manifest of the base can not be trusted', async () => {
    const made = await world();
    made.backups.tamper(manifestKey(environment, baseId), (bytes) => bytes.subarray(0, -1));
    expect(await plan(made)).toMatchObject({
      base: null,
      baseRefused: expect.stringContaining(baseId),
      copyObjects: 5,
    });
  });
});
