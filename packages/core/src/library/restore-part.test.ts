import { beforeEach, describe, expect, it } from 'vitest';
import { IntegrityError, ObjectNotFoundError } from '../errors/errors.ts';
import { LcbError } from '../errors/lcb-error.ts';
import { backupPrefix } from '../repository/layout.ts';
import { FaultyStore } from '../testing/faulty-store.ts';
import {
  backUpLibrary,
  environment,
  type LibraryBackup,
  restoreLibrary,
  unhurried,
} from '../testing/library-backup.ts';
import { MemoryStore } from '../testing/memory-store.ts';

const backupId = 'retail-prd-backup-20251109-143000';
const copy = (key: string) => `${backupPrefix(environment, backupId)}objects/${key}`;

describe('restoring a part of the index', () => {
  let backups: MemoryStore;
  let target: MemoryStore;
  let made: LibraryBackup;

  beforeEach(async () => {
    const source = new MemoryStore();
    for (const key of ['a', 'b', 'c']) await source.put(key, Buffer.from(`bytes of ${key}`));
    backups = new MemoryStore({ chunkSize: 4 });
    target = new MemoryStore();
    made = await backUpLibrary({ source, backups, backupId });
  });

  const restore = (
    from: MemoryStore | FaultyStore = backups,
    to: MemoryStore | FaultyStore = target,
    control = unhurried,
  ) => restoreLibrary(from, backupId, made.index, to, control);

  it.each([
    ['changed', (bytes: Buffer) => Buffer.from(bytes.map((byte) => byte ^ 1))],
    ['cut', (bytes: Buffer) => bytes.subarray(0, 3)],
    ['emptied', () => Buffer.alloc(0)],
    ['continued', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('x')])],
  ])('writes no object whose copy was %s', async (_how, change) => {
    backups.tamper(copy('b'), change);
    await expect(restore()).rejects.toSatisfy(
      (error) => error instanceof IntegrityError && error.message.includes('"b"'),
    );
    expect(target.keys()).not.toContain('b');
    expect(backups.openBodies).toBe(0);
  });

  it('is not kept busy for ever by a copy that does not end', async () => {
    const faulty = new FaultyStore(backups);
    faulty.neverEnds(copy('b'), (bytes) => {
      if (bytes > 10_000_000) throw new Error('read on and on');
    });
    await expect(restore(faulty)).rejects.toBeInstanceOf(IntegrityError);
  });

  it('says which copy is gone', async () => {
    await backups.deleteMany([{ key: copy('b') }]);
    await expect(restore()).rejects.toBeInstanceOf(ObjectNotFoundError);
  });

  it('ends the bodies of copies when the target refuses', async () => {
    const error = new LcbError({ code: 'objectStore.denied', message: 'no' });
    const refusing = new FaultyStore(target);
    refusing.fail('put', 2, error);
    await expect(restore(backups, refusing)).rejects.toBe(error);
    expect(backups.openBodies).toBe(0);
  });

  it('may be repeated', async () => {
    expect(await restore()).toBe(3);
    expect(await restore()).toBe(3);
    expect(target.keys()).toEqual(['a', 'b', 'c']);
  });

  it('ends with what the listener throws', async () => {
    const error = new Error('enough');
    await expect(
      restore(backups, target, { ...unhurried, onCopied: () => Promise.reject(error) }),
    ).rejects.toBe(error);
    await expect.poll(() => backups.openBodies).toBe(0);
  });
});
