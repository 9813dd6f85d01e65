import { beforeAll, describe, expect, it } from 'vitest';
import { type ReadingLevel, readingLevelSchema } from '../model/verification.ts';
import { backupPrefix } from '../repository/layout.ts';
import { environment, signal } from '../testing/library-backup.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { type SealedBackup, sealBackup } from '../testing/sealed-backup.ts';
import { type LevelVerification, verifyAtLevel } from './verify-at-level.ts';

const backupId = 'retail-prd-backup-20251109-143000';
const prefix = backupPrefix(environment, backupId);
const levels = readingLevelSchema.options;
const objects = 20;

describe('verifying a backup at a level', () => {
  const store = new MemoryStore();
  let sealed: SealedBackup;
  const copies: string[] = [];

  beforeAll(async () => {
    const source = new MemoryStore();
    for (let number = 0; number < objects; number += 1)
      await source.put(`doc-${number}`, Buffer.from(`bytes of ${number}`));
    sealed = await sealBackup({ source, backups: store, backupId });
    copies.push(...store.keys(`${prefix}objects/`));
  });

  const verify = (level: ReadingLevel, seed = 'seed', size = 5): Promise<LevelVerification> =>
    verifyAtLevel({
      store,
      backup: { ...environment, backupId },
      trustedKeys: sealed.trustedKeys,
      level,
      sample: { size, seed },
      concurrency: 3,
      signal,
      onProgress: () => undefined,
    });

  async function whileChanged<T>(key: string, bytes: Buffer | undefined, look: () => Promise<T>): Promise<T> {
    const good = store.bytes(key);
    if (bytes === undefined) await store.deleteMany([{ key }]);
    else store.tamper(key, () => bytes);
    const found = await look();
    if (bytes === undefined) await store.put(key, good);
    else store.tamper(key, () => good);
    return found;
  }

  const flipped = (key: string) => {
    const bytes = Buffer.from(store.bytes(key));
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    return bytes;
  };

  /** Which copies a sample reads, by what it finds. */
  async function sampled(seed: string): Promise<readonly string[]> {
    const read: string[] = [];
    for (const key of copies) {
      const { ok, problems } = await whileChanged(key, flipped(key), () => verify('sample', seed));
      if (ok) continue;
      expect(problems).toEqual([expect.stringContaining(key)]);
      read.push(key);
    }
    return read;
  }

  it('finds a good one good, and says what it has looked at', async () => {
    const found = await Promise.all(levels.map((level) => verify(level)));
    const read = { quick: 0, sample: 5, full: objects };
    for (const { level, ok, problems, objectsRead, ...rest } of found) {
      expect({ level, ok, problems, objectsRead }).toEqual({
        level,
        ok: true,
        problems: [],
        objectsRead: read[level],
      });
      expect(rest.objects).toBe(objects);
      expect(rest.artefacts).toBe(found[2]?.artefacts);
      expect(rest.keyId).toBe('test-key');
    }
    const [quick, sample, full] = found.map(({ bytesRead }) => bytesRead);
    expect(quick).toBeLessThan(sample ?? 0);
    expect(sample).toBeLessThan(full ?? 0);
    expect(found.map(({ sample }) => sample)).toEqual([undefined, { size: 5, seed: 'seed' }, undefined]);
    expect(store.openBodies).toBe(0);
  });

  it('finds a turned bit of an object where it was read, and not by presence and size', async () => {
    const key = copies[0] ?? '';
    for (const level of ['quick', 'full'] as const) {
      const { ok } = await whileChanged(key, flipped(key), () => verify(level));
      expect({ level, ok }).toEqual({ level, ok: level === 'quick' });
    }
    const read = await sampled('seed');
    expect(read).toHaveLength(5);
    expect(await sampled('seed')).toEqual(read);
    expect(await sampled('another')).not.toEqual(read);
  });

  it('finds a turned bit of the dump by every level that reads it', async () => {
    const [part] = sealed.dump.parts;
    const key = prefix + part?.path;
    for (const level of levels) {
      const { ok } = await whileChanged(key, flipped(key), () => verify(level));
      expect({ level, ok }).toEqual({ level, ok: level === 'quick' });
    }
  });

  it.each(levels)('finds by the level %s whatever is missing or has another size', async (level) => {
    const artefacts = store
      .keys(prefix)
      // Plans and descriptions of parts are the way there, not the backup.
      .filter((key) => !/library\/(plan-\d+\.jsonl\.zst|index-\d+-\d+\.json)$/.test(key));
    for (const key of artefacts) {
      for (const bytes of [undefined, Buffer.concat([store.bytes(key), Buffer.from('x')])]) {
        const { ok, problems } = await whileChanged(key, bytes, () => verify(level));
        expect({ key, ok }).toEqual({ key, ok: false });
        expect(problems.join()).toContain(key.slice(prefix.length));
      }
    }
    expect((await verify(level)).ok).toBe(true);
  });
});
