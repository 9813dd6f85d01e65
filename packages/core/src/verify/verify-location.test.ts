import { beforeEach, describe, expect, it } from 'vitest';
import { emptyChainHash } from '../audit/chain.ts';
import { backupFolder, environmentPrefix, manifestKey, recordsPrefix } from '../repository/layout.ts';
import type { Manifest } from '../repository/manifest.ts';
import { writeRecord } from '../repository/record.ts';
import { signDocument } from '../repository/signed-document.ts';
import { environment, signal } from '../testing/library-backup.ts';
import type { MemoryStore } from '../testing/memory-store.ts';
import { backupIds, type SealedLocation, sealedLocation } from '../testing/sealed-location.ts';
import { sequenceClock } from '../testing/sequence-clock.ts';
import { type TestSigner, testSigner } from '../testing/test-signer.ts';
import type { LocationChoice } from './find-environments.ts';
import { verifyLocation } from './verify-location.ts';

const [firstId, secondId, thirdId] = backupIds;
const at = '2025-11-12T00:00:00.000Z';
const keyOf = (backupId: string) => manifestKey(environment, backupId);

describe('verifying a location', () => {
  let location: SealedLocation;
  let store: MemoryStore;

  beforeEach(async () => {
    location = await sealedLocation();
    store = location.store;
  });

  async function verify(choice: LocationChoice = {}) {
    const { ok, environments, strangers } = await verifyLocation({
      store,
      trustedKeys: location.trustedKeys,
      choice,
      level: 'full',
      sample: { size: 1, seed: 's' },
      concurrency: 2,
      signal,
      onProgress: () => undefined,
    });
    const backups = environments.flatMap((found) => found.backups);
    return {
      ok,
      environments,
      strangers: strangers.texts,
      problems: Object.fromEntries(
        backups.flatMap(({ backupId, problems }) =>
          problems.count === 0 ? [] : [[backupId, problems.texts]],
        ),
      ),
      warnings: Object.fromEntries(
        backups.flatMap(({ backupId, warnings }) =>
          warnings.count === 0 ? [] : [[backupId, warnings.texts]],
        ),
      ),
    };
  }

  /** Signs another manifest in the place of a backup's own. */
  async function replaceManifest(
    backupId: string,
    change: Partial<Manifest>,
    signer: TestSigner = location.signer,
    key = keyOf(backupId),
  ): Promise<void> {
    const manifest = location.backups.find((backup) => backup.backupId === backupId)?.manifest;
    await store.put(
      key,
      await signDocument(signer, sequenceClock(), 'lcb-manifest', { ...manifest, ...change }),
    );
  }

  it('reads every shared copy once', async () => {
    let bytes = 0;
    let expected = 0;
    await verifyLocation({
      store,
      trustedKeys: location.trustedKeys,
      level: 'full',
      sample: { size: 1, seed: 's' },
      concurrency: 2,
      signal,
      onProgress: (progress) => {
        bytes = progress.bytes;
        expected = progress.expectedBytes;
      },
    });
    const copies = store.keys().filter((key) => key.includes('/objects/'));
    expect(copies).toHaveLength(8);
    const copied = copies.reduce((sum, key) => sum + store.bytes(key).length, 0);
    const artefacts = store.keys().filter((key) => key.includes('/attempts/'));
    expect(bytes).toBe(copied + artefacts.reduce((sum, key) => sum + store.bytes(key).length, 0));
    expect(expected).toBeLessThanOrEqual(bytes);
  });

  it('takes a manifest that another key forged for what it is, whatever it calls itself', async () => {
    await replaceManifest(secondId, {}, testSigner('EdDSA', { keyId: 'another-key' }));
    expect((await verify()).problems).toEqual({
      [secondId]: [expect.stringContaining('not among the trusted keys')],
    });
    await replaceManifest(secondId, {}, testSigner());
    expect((await verify()).problems).toEqual({
      [secondId]: [expect.stringContaining('does not fit the content')],
    });
  });

  it.each([
    ['alg', 'ES256'],
    ['kid', 'another'],
    ['typ', 'lcb-record'],
    ['iat', 1],
    ['crit', ['exp']],
  ])('notices another %s in the header', async (name, value) => {
    const jws = JSON.parse(String(store.bytes(keyOf(thirdId))));
    const header = JSON.parse(String(Buffer.from(jws.protected, 'base64url')));
    const changed = Buffer.from(JSON.stringify({ ...header, [name]: value })).toString('base64url');
    store.tamper(keyOf(thirdId), () => Buffer.from(`${JSON.stringify({ ...jws, protected: changed })}\n`));
    expect(await verify()).toMatchObject({
      ok: false,
      problems: { [thirdId]: [expect.stringContaining('manifest.json')] },
    });
  });

  it('notices an old manifest in the place of a newer one', async () => {
    const old = store.bytes(keyOf(firstId));
    store.tamper(keyOf(thirdId), () => old);
    expect((await verify()).problems).toEqual({
      [thirdId]: [expect.stringContaining(`The manifest of ${thirdId} is that of ${firstId}`)],
    });
  });

  it('notices one that is signed and is not the one that its successor was chained to', async () => {
    await replaceManifest(secondId, { notes: 'sealed once more' });
    expect((await verify()).problems).toEqual({
      [secondId]: [expect.stringContaining(`not the one that ${thirdId} was chained to`)],
    });
  });

  it('notices a manifest that was moved to another environment', async () => {
    const bytes = store.bytes(keyOf(thirdId));
    await store.put(manifestKey({ projectId: 'retail', environment: 'uat' }, thirdId), bytes);
    await store.deleteMany([{ key: keyOf(thirdId) }]);
    const { ok, environments } = await verify();
    expect(ok).toBe(false);
    const [prd, uat] = environments;
    expect(uat?.backups[0]?.problems.texts).toEqual([
      expect.stringContaining(`is that of ${thirdId} of retail/prd`),
    ]);
    expect(prd?.backups[2]?.problems.texts).toEqual([expect.stringContaining('manifest.json is missing')]);
  });

  it('misses a backup of which nothing is left, by its successor, unless its deletion is on record', async () => {
    const folder = environmentPrefix(environment) + backupFolder(firstId);
    const keys = store.keys(folder).filter((key) => !key.includes('/objects/'));
    await store.deleteMany(keys.map((key) => ({ key })));
    const gone = await verify();
    expect(gone.problems).toEqual({ [firstId]: [expect.stringContaining('manifest.json is missing')] });
    await writeRecord(store, location.signer, sequenceClock(at), environment, 'deletion', {
      type: 'deleted',
      at,
      actor: 'ada',
      backupId: firstId,
    });
    expect(await verify()).toMatchObject({
      ok: true,
      warnings: { [firstId]: ['Deleted, and what is left has no manifest.'] },
    });
  });

  it('misses a manifest by its successor alone, whatever is left of its folder', async () => {
    const records = store.keys(recordsPrefix(environment));
    await store.deleteMany([...records, keyOf(secondId)].map((key) => ({ key })));
    expect(await verify()).toMatchObject({
      ok: false,
      problems: {
        [secondId]: [expect.stringContaining(`manifest.json is missing: ${thirdId} names it`)],
      },
      warnings: {},
    });
  });

  it('does not take what an unsealed run left for a backup that was made', async () => {
    const runId = 'retail-prd-backup-20251112-143000';
    await store.put(`${environmentPrefix(environment)}backups/${runId}/objects/doc1`, Buffer.from('x'));
    const record = async (end: string, sealed: boolean | undefined) => {
      await writeRecord(store, location.signer, sequenceClock(end), environment, `${runId}-audit`, {
        type: 'auditHead',
        at: end,
        actor: 'service',
        head: { chain: 'retail', sequence: 4, hash: emptyChainHash },
        ...(sealed === undefined ? {} : { sealed }),
      });
    };
    await record('2025-11-12T14:35:00.000Z', false);
    expect(await verify()).toMatchObject({
      ok: true,
      warnings: { [runId]: ['Not sealed: it is being made, or was left over.'] },
    });
    // Of a record that does not say, the worse is believed.
    await record('2025-11-12T14:36:00.000Z', undefined);
    expect((await verify()).problems).toEqual({
      [runId]: [expect.stringContaining('by the records this backup was made')],
    });
  });

  it('notices another signed manifest than the one that a copy was sealed with', async () => {
    await writeRecord(store, location.signer, sequenceClock(at), environment, 'copied', {
      type: 'copied',
      at,
      actor: 'service',
      backupId: thirdId,
      copyId: 'retail-prd-copy-20251112-000000',
      manifestSha256: 'f'.repeat(64),
    });
    expect((await verify()).problems).toEqual({
      [thirdId]: [expect.stringContaining('not the one that was sealed')],
    });
  });

  it('misses a backup that only a record speaks of', async () => {
    await writeRecord(store, location.signer, sequenceClock(at), environment, 'pin', {
      type: 'pinned',
      at,
      actor: 'ada',
      backupId: 'retail-prd-backup-20251112-143000',
    });
    expect((await verify()).problems).toEqual({
      'retail-prd-backup-20251112-143000': [expect.stringContaining('records speak of this backup')],
    });
  });

  it('warns of chains that the catalog did not know of, and of a clock that was put back', async () => {
    await replaceManifest(thirdId, { previous: null });
    expect(await verify()).toMatchObject({
      ok: true,
      warnings: { [thirdId]: [expect.stringContaining('begins a new chain beside')] },
    });
    await replaceManifest(thirdId, { previous: location.backups[1]?.manifest.previous ?? null });
    expect(await verify()).toMatchObject({
      ok: true,
      warnings: { [thirdId]: [expect.stringContaining(`follows ${firstId}, as ${secondId} does`)] },
    });
    await replaceManifest(thirdId, { sealedAt: '2025-11-01T00:00:00.000Z' });
    expect(await verify()).toMatchObject({
      ok: true,
      warnings: { [thirdId]: [expect.stringContaining('clock')] },
    });
  });

  it('tells files that do not belong there, wherever they lie, and fails for none of them', async () => {
    const own = environmentPrefix(environment) + backupFolder(secondId);
    for (const key of [
      'readme.txt',
      'retail/notes',
      'retail/prd/lost',
      `${own}attempts/2/database/dump.sql.zst`,
      `${own}objects/doc1`,
      `${own}objects/zzz`,
    ]) {
      await store.put(key, Buffer.from('x'));
    }
    await store.put(
      'retail/prd/backups/retail-prd-backup-20260101-000000/attempts/1/checks.json',
      Buffer.from('x'),
    );
    await store.put('retail/prd/backups/old/x', Buffer.from('x'));
    await store.put(
      'retail/prd/restores/retail-prd-restore-20260101-000000/consistency.json',
      Buffer.from('{}'),
    );
    const found = await verify();
    expect(found).toMatchObject({
      ok: true,
      problems: {},
      strangers: ['readme.txt', 'retail/notes', 'retail/prd/lost'],
    });
    expect(found.warnings).toEqual({
      [secondId]: [
        'attempts/2/database/dump.sql.zst does not belong to this backup.',
        `backups/${secondId}/objects/doc1 does not belong to this backup.`,
        `backups/${secondId}/objects/zzz does not belong to this backup.`,
      ],
      'retail-prd-backup-20260101-000000': ['Not sealed: it is being made, or was left over.'],
      old: ['retail/prd/backups/old/ is not the folder of a backup.'],
    });
  });

  it('never calls a unit good that it can not verify', async () => {
    await replaceManifest(thirdId, {
      units: {
        ...location.backups[2]?.manifest.units,
        search: {
          type: 'snapshot',
          repository: { name: 'backups', type: 'fs', settings: {} },
          snapshot: `${thirdId}-1`,
          indices: ['liferay-1'],
          shards: 1,
          documents: 1,
          version: '2.19.1',
        },
      },
    });
    const { ok, environments } = await verify();
    expect(ok).toBe(false);
    expect(environments[0]?.backups[2]).toMatchObject({
      ok: false,
      notVerifiable: ['search'],
      problems: { count: 0 },
    });
  });

  it('looks only at what is chosen', async () => {
    const ids = async (choice: LocationChoice) =>
      (await verify(choice)).environments.flatMap(({ backups }) => backups.map(({ backupId }) => backupId));
    expect(await ids({ backupId: secondId })).toEqual([secondId]);
    expect(await ids({ projectId: 'retail', environment: 'prd' })).toEqual([...backupIds]);
    expect(await ids({ environment: 'prd' })).toEqual([...backupIds]);
    expect(await ids({ environment: 'pr' })).toEqual([]);
    expect(await ids({ projectId: 'ret' })).toEqual([]);
  });
});
