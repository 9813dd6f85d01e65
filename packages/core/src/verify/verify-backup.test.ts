import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { LcbError } from '../errors/lcb-error.ts';
import type { TrustedKey } from '../ports/signer.ts';
import { backupPrefix, environmentPrefix, manifestKey } from '../repository/layout.ts';
import { FaultyStore } from '../testing/faulty-store.ts';
import { environment, signal } from '../testing/library-backup.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { type SealedBackup, sealBackup } from '../testing/sealed-backup.ts';
import { testSigner } from '../testing/test-signer.ts';
import { type Verification, verifyBackup } from './verify-backup.ts';

const firstId = 'retail-prd-backup-20251109-143000';
const secondId = 'retail-prd-backup-20251110-143000';
const manifestOf = (backupId: string) => manifestKey(environment, backupId);

/** Long enough for several pieces, and not to be compressed away. */
const noise = () => randomBytes(30_000).toString('base64');

describe.each(['zstd', 'gzip'] as const)('verifying a backup with a dump compressed by %s', (compression) => {
  const signer = testSigner();
  let backups: MemoryStore;
  let first: SealedBackup;
  let second: SealedBackup;

  beforeEach(async () => {
    const source = new MemoryStore();
    for (const key of ['a', 'b', 'c', 'd']) await source.put(key, Buffer.from(`bytes of ${key}`));
    backups = new MemoryStore({ chunkSize: 4096 });
    const shared = { source, backups, signer, compression };
    first = await sealBackup({ ...shared, backupId: firstId, dumpParts: [noise(), noise()] });
    await source.put('b', Buffer.from('other bytes of b'));
    await source.put('e', Buffer.from('bytes of e'));
    second = await sealBackup({
      ...shared,
      backupId: secondId,
      base: first.library.manifest,
      dumpParts: [noise(), noise()],
    });
  });

  function verify(
    options: {
      store?: MemoryStore | FaultyStore;
      trustedKeys?: readonly TrustedKey[];
      onProgress?: (bytes: number) => void;
    } = {},
  ): Promise<Verification> {
    return verifyBackup({
      store: options.store ?? backups,
      backup: { ...environment, backupId: secondId },
      trustedKeys: options.trustedKeys ?? second.trustedKeys,
      concurrency: 2,
      signal,
      onProgress: ({ bytes }) => options.onProgress?.(bytes),
    });
  }

  /** Every file that the second backup consists of, with the name under which a problem must be told. */
  function files(): Map<string, string> {
    const prefix = backupPrefix(environment, secondId);
    const { dump, library, manifest, certificate } = second;
    const artefacts = [
      manifest.units.database?.description.path ?? '',
      dump.tables.path,
      ...dump.parts.map(({ path }) => path),
      ...dump.libraryRows.map(({ path }) => path),
      library.unit.index.path,
      ...library.index.parts.map(({ path }) => path),
      manifest.consistency.certificate?.artefact.path ?? '',
      certificate.findings?.path ?? '',
    ];
    const own = `${prefix}objects/`;
    const base = `${environmentPrefix(environment)}backups/${firstId}/objects/`;
    const copies = [`${base}a`, `${own}b`, `${base}c`, `${base}d`, `${own}e`];
    return new Map([
      [manifestOf(secondId), 'manifest.json'],
      ...artefacts.map((path) => [prefix + path, path] as const),
      ...copies.map((path) => [path, path] as const),
    ]);
  }

  it('finds a good one good, having read all of it', async () => {
    const told: number[] = [];
    const verification = await verify({ onProgress: (bytes) => told.push(bytes) });
    expect(verification).toMatchObject({
      ok: true,
      problems: [],
      problemCount: 0,
      objects: 5,
      keyId: 'test-key',
    });
    expect(verification.manifest).toEqual(second.manifest);
    const bytes = [...files().keys()].slice(1).reduce((sum, key) => sum + backups.bytes(key).length, 0);
    expect(verification.bytesRead).toBe(bytes);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(told.at(-1)).toBe(bytes);
    expect(backups.openBodies).toBe(0);
  });

  it('knows every file of the backup', () => {
    const own = backups.keys(backupPrefix(environment, secondId));
    const leftOver = own.filter((key) => !files().has(key));
    // Plans and descriptions of parts are the way there, not the backup.
    expect(
      leftOver.filter((key) => !/library\/(plan-\d+\.jsonl\.zst|index-\d+-\d+\.json)$/.test(key)),
    ).toEqual([]);
  });

  async function everyDamageIsFound(damage: (bytes: Buffer) => readonly Buffer[]): Promise<void> {
    for (const [key, name] of files()) {
      const good = backups.bytes(key);
      for (const bad of damage(good)) {
        backups.tamper(key, () => bad);
        const verification = await verify();
        expect(verification.ok, key).toBe(false);
        expect(
          verification.problems.some((problem) => problem.includes(name)),
          `${key}: ${verification.problems.join('; ')}`,
        ).toBe(true);
      }
      backups.tamper(key, () => good);
    }
    expect((await verify()).ok).toBe(true);
    expect(backups.openBodies).toBe(0);
  }

  const flipped = (bytes: Buffer, offset: number) => {
    const copy = Buffer.from(bytes);
    copy.writeUInt8(copy.readUInt8(offset) ^ 1, offset);
    return copy;
  };

  it('finds a bit turned anywhere in any file, and names the file', async () => {
    await everyDamageIsFound((bytes) => {
      const places = [
        0,
        1,
        5,
        10,
        Math.floor(bytes.length / 3),
        Math.floor(bytes.length / 2),
        bytes.length - 2,
        bytes.length - 1,
      ];
      return [...new Set(places)]
        .filter((offset) => offset < bytes.length)
        .map((offset) => flipped(bytes, offset));
    });
  });

  it('finds any file cut, emptied or continued, and names it', async () => {
    await everyDamageIsFound((bytes) => [
      bytes.subarray(0, -1),
      bytes.subarray(0, Math.floor(bytes.length / 2)),
      Buffer.alloc(0),
      Buffer.concat([bytes, Buffer.from('\n')]),
      Buffer.concat([bytes, bytes]),
    ]);
  });

  it('finds any file removed, and names it', async () => {
    for (const [key, name] of files()) {
      const good = backups.bytes(key);
      await backups.deleteMany([{ key }]);
      const { ok, problems } = await verify();
      expect(ok, key).toBe(false);
      expect(
        problems.some((problem) => problem.includes(name)),
        `${key}: ${problems.join('; ')}`,
      ).toBe(true);
      await backups.put(key, good);
    }
  });

  it('finds any file that another of its kind was put in place of', async () => {
    const kind = (key: string) =>
      key.includes('/objects/')
        ? 'copy'
        : key
            .replace(/^.*\/attempts/, '')
            .replace(/index-\d+-/, 'index-')
            .replace(/dump-\d/, 'dump');
    const all = backups.keys();
    for (const [key, name] of files()) {
      const good = backups.bytes(key);
      const others = all.filter((other) => kind(other) === kind(key) && !backups.bytes(other).equals(good));
      for (const other of others.length > 0 ? others : [manifestOf(firstId)]) {
        backups.tamper(key, () => backups.bytes(other));
        const { ok, problems } = await verify();
        expect(ok, `${other} for ${key}`).toBe(false);
        expect(
          problems.some((problem) => problem.includes(name)),
          problems.join('; '),
        ).toBe(true);
      }
      backups.tamper(key, () => good);
    }
  });

  it('does not take the manifest of an older backup for its own', async () => {
    const older = backups.bytes(manifestOf(firstId));
    backups.tamper(manifestOf(secondId), () => older);
    expect(await verify()).toMatchObject({
      ok: false,
      problems: [expect.stringContaining(`manifest.json: The manifest of ${secondId} is that of ${firstId}`)],
    });
  });

  it('does not take a forged signature, nor a key that it was not given', async () => {
    const forger = testSigner('EdDSA');
    const source = new MemoryStore();
    const elsewhere = new MemoryStore();
    await sealBackup({ source, backups: elsewhere, backupId: secondId, signer: forger });
    backups.tamper(manifestOf(secondId), () => elsewhere.bytes(manifestOf(secondId)));
    expect(await verify()).toMatchObject({ ok: false, problems: [expect.stringContaining('manifest.json')] });
    expect(await verify({ trustedKeys: [] })).toMatchObject({
      ok: false,
      problemCount: 1,
      objects: 0,
      artefacts: 0,
    });
  });

  it('counts all problems', async () => {
    for (const key of ['a', 'c', 'd'])
      backups.tamper(`${environmentPrefix(environment)}backups/${firstId}/objects/${key}`, () =>
        Buffer.from('x'),
      );
    const { problemCount, problems, objects } = await verify();
    expect([problemCount, problems.length, objects]).toEqual([3, 3, 5]);
  });

  it('ends with what the store says when it can not be read: that is no damage', async () => {
    const error = new LcbError({ code: 'objectStore.unavailable', message: 'later', retryable: true });
    for (const key of files().keys()) {
      const unavailable = new FaultyStore(backups);
      unavailable.fail('get', 1, error, key);
      await expect(verify({ store: unavailable }), key).rejects.toBe(error);
      const breaking = new FaultyStore(backups);
      breaking.breaksOff(key, 3, error);
      await expect(verify({ store: breaking }), key).rejects.toBe(error);
    }
    expect(backups.openBodies).toBe(0);
  });
});

describe('verifying', () => {
  it('finds an empty backup of an empty library good', async () => {
    const backups = new MemoryStore();
    const { trustedKeys } = await sealBackup({ source: new MemoryStore(), backups, backupId: firstId });
    const request = {
      store: backups,
      backup: { ...environment, backupId: firstId },
      trustedKeys,
      concurrency: 2,
      signal,
      onProgress: () => undefined,
    };
    expect(await verifyBackup(request)).toMatchObject({ ok: true, objects: 0 });
    const stopped = AbortSignal.abort(new Error('stopped'));
    await expect(verifyBackup({ ...request, signal: stopped })).rejects.toThrow('stopped');
  });

  it('says that a backup was never sealed', async () => {
    const backup = { ...environment, backupId: firstId };
    const store = new MemoryStore();
    const request = { store, backup, trustedKeys: [], concurrency: 1, signal, onProgress: () => undefined };
    expect(await verifyBackup(request)).toMatchObject({
      ok: false,
      problems: [expect.stringContaining('manifest.json: There is no object')],
    });
  });
});
