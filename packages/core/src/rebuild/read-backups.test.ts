import { beforeEach, describe, expect, it } from 'vitest';
import { environmentSchema } from '../model/project.ts';
import type { SearchSnapshot } from '../model/search.ts';
import { backupPrefix, manifestKey } from '../repository/layout.ts';
import type { Manifest } from '../repository/manifest.ts';
import { writeRecord } from '../repository/record.ts';
import { signDocument } from '../repository/signed-document.ts';
import { environment } from '../testing/library-backup.ts';
import { backupIds, type SealedLocation, sealedLocation } from '../testing/sealed-location.ts';
import { sequenceClock } from '../testing/sequence-clock.ts';
import { testSigner } from '../testing/test-signer.ts';
import { readBackups } from './read-backups.ts';

const [firstId, secondId, thirdId] = backupIds;

describe('reading backups back from a location', () => {
  let location: SealedLocation;

  beforeEach(async () => {
    location = await sealedLocation();
  });

  async function read(declared = [declaredEnvironment]) {
    const { store, trustedKeys } = location;
    const found = [];
    const request = { store, location: 'memory://moved', trustedKeys, declared };
    for await (const each of readBackups(request)) found.push(...each.backups);
    return found;
  }
  const declaredEnvironment = environmentSchema.parse({
    ...environment,
    database: { engine: 'postgresql', url: 'postgres://db/lportal' },
    backups: { location: 'memory://moved' },
  });

  it('gives what the catalog had of them', async () => {
    const found = await read();
    expect(found.map(({ backupId }) => backupId)).toEqual(backupIds);
    const { manifest } = location.backups[1] ?? {};
    expect(found[1]?.backup).toMatchObject({
      runId: secondId,
      state: 'Succeeded',
      units: {
        database: { usable: true, bytes: manifest?.units.database?.bytes },
        documentLibrary: { usable: true, objects: manifest?.units.documentLibrary?.objects },
      },
      request: {
        compression: 'zstd',
        source: {
          database: { url: 'postgres://db/lportal' },
          documentLibrary: { location: 'memory://library' },
          backups: { location: 'memory://moved' },
        },
      },
      sealed: { base: firstId, attempt: 1 },
    });
    expect((await read([]))[0]?.backup?.request.source).not.toHaveProperty('database');
  });

  it('says which units failed', async () => {
    const { units, ...manifest } = location.backups[2]?.manifest ?? {};
    const error = { code: 'database.unreachable', message: 'gone', retryable: true };
    const failed = {
      ...manifest,
      units: { documentLibrary: units?.documentLibrary },
      failedUnits: [{ unit: 'database', error }],
    };
    const bytes = await signDocument(location.signer, sequenceClock(), 'lcb-manifest', failed);
    await location.store.put(manifestKey(environment, thirdId), bytes);
    expect((await read())[2]?.backup).toMatchObject({
      state: 'Failed',
      error,
      units: { database: { usable: false, error }, documentLibrary: { usable: true } },
    });
  });

  async function reseal(backupId: string, change: Partial<Manifest>): Promise<void> {
    const manifest = { ...location.backups[2]?.manifest, backupId, ...change };
    const bytes = await signDocument(location.signer, sequenceClock(), 'lcb-manifest', manifest);
    await location.store.put(manifestKey(environment, backupId), bytes);
  }
  const search: SearchSnapshot = {
    type: 'snapshot',
    repository: { name: 'backups', type: 'fs', settings: {} },
    snapshot: `${thirdId}-1`,
    indices: ['liferay-0'],
    shards: 1,
    documents: 3,
    bytes: 700,
    version: 'opensearch 2.19.1',
  };

  it('has the search snapshot as a unit, also where there is no other', async () => {
    await reseal(thirdId, { units: { ...location.backups[2]?.manifest.units, search } });
    const aloneId = 'retail-prd-backup-20251112-143000';
    const sealedAt = '2025-11-12T14:35:00.000Z';
    await reseal(aloneId, { units: { search }, consistency: { strategy: 'databaseFirst' }, sealedAt });
    const declaredSearch = {
      url: 'https://search.example.com:9200',
      indices: ['liferay-*'],
      repository: search.repository,
    };
    const found = await read([{ ...declaredEnvironment, search: declaredSearch }]);
    const unit = { state: 'Succeeded', usable: true, objects: 3, bytes: 700 };
    expect(found.map(({ backupId }) => backupId)).toEqual([...backupIds, aloneId]);
    expect(found[2]?.backup).toMatchObject({
      units: { database: { usable: true }, documentLibrary: { usable: true }, search: unit },
      request: { units: ['database', 'documentLibrary', 'search'], source: { search: declaredSearch } },
    });
    expect(found[3]?.backup).toMatchObject({ units: { search: unit }, request: { units: ['search'] } });
    expect(found[1]?.backup?.request.source).not.toHaveProperty('search');
  });

  it('leaves out one of which it can make no backup, and reads the others', async () => {
    await reseal(thirdId, { units: { vectors: { type: 'snapshot' } } });
    const found = await read();
    expect(found.map(({ backup }) => backup?.state)).toEqual(['Succeeded', 'Succeeded', undefined]);
    expect(found[2]).toMatchObject({
      reason: expect.stringContaining('this version can make no backup of it'),
    });
  });

  it('says that a certificate is gone, and does not take its backup for one that was never sealed', async () => {
    const { certificate } = location.backups[2]?.manifest.consistency ?? {};
    if (certificate === undefined) throw new TypeError('The backup has no certificate.');
    await reseal(thirdId, {
      consistency: { strategy: 'databaseFirst', certificate: { ...certificate, verdict: 'inconsistent' } },
    });
    await location.store.deleteMany([
      { key: backupPrefix(environment, thirdId) + certificate.artefact.path },
    ]);
    const { reason } = (await read()).find((each) => each.backup === undefined) ?? {};
    expect(reason).toContain('consistency.json');
  });

  it('takes the newest record on each matter', async () => {
    const ref = environment;
    const common = { actor: 'ada', backupId: firstId };
    const { store, signer } = location;
    const write = (at: string, body: { type: 'deleted' | 'undeleted' | 'pinned'; reason?: string }) =>
      writeRecord(store, signer, sequenceClock(at), ref, body.type, { ...body, ...common, at });
    await write('2025-11-12T00:00:00.000Z', { type: 'deleted' });
    expect((await read())[0]?.backup?.deletedAt).toBe('2025-11-12T00:00:00.000Z');
    await write('2025-11-13T00:00:00.000Z', { type: 'undeleted' });
    await write('2025-11-14T00:00:00.000Z', { type: 'pinned', reason: 'audit' });
    const [first] = await read();
    expect(first?.backup?.deletedAt).toBeUndefined();
    expect(first?.backup?.pinned).toEqual({ at: '2025-11-14T00:00:00.000Z', reason: 'audit' });
  });

  it('leaves out what is damaged, foreign or never sealed, and says why', async () => {
    const { store } = location;
    store.tamper(manifestKey(environment, firstId), (bytes) => bytes.subarray(0, 100));
    const forged = await signDocument(
      testSigner(),
      sequenceClock(),
      'lcb-manifest',
      location.backups[1]?.manifest,
    );
    await store.put(manifestKey(environment, secondId), forged);
    await store.deleteMany([{ key: manifestKey(environment, thirdId) }]);
    const reasons = Object.fromEntries(
      (await read()).map((each) => [each.backupId, each.backup === undefined ? each.reason : 'taken']),
    );
    expect(reasons).toEqual({
      [firstId]: expect.stringContaining("can't be read"),
      [secondId]: expect.stringContaining('does not fit the content'),
      [thirdId]: 'It has no manifest: it was never sealed.',
    });
  });
});
