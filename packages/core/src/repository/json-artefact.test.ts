import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { IntegrityError, ObjectNotFoundError } from '../errors/errors.ts';
import { FaultyStore } from '../testing/faulty-store.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { describeJson, readJson, readJsonArtefact, writeJsonArtefact } from './json-artefact.ts';

describe('a JSON artefact', () => {
  it('comes back as it was written, and is described the same by whoever reads it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        const store = new MemoryStore();
        const artefact = await writeJsonArtefact(store, 'backup/', 'file.json', value);
        const expected = JSON.parse(JSON.stringify(value));
        expect(await readJsonArtefact(store, 'backup/', artefact, z.json())).toEqual(expected);
        expect(await readJson(store, 'backup/file.json', z.json())).toEqual(expected);
        expect(await describeJson(store, 'backup/', 'file.json', z.json())).toEqual({
          value: expected,
          artefact,
        });
        expect(store.openBodies).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  it('is found out with any byte changed, cut off or added', async () => {
    const store = new MemoryStore();
    const artefact = await writeJsonArtefact(store, '', 'file.json', { a: 1, b: ['x'] });
    const good = store.bytes('file.json');
    const read = () =>
      expect(readJsonArtefact(store, '', artefact, z.json())).rejects.toBeInstanceOf(IntegrityError);
    for (let offset = 0; offset < good.length; offset += 1) {
      store.tamper('file.json', () =>
        Buffer.from(good.map((byte, index) => (index === offset ? byte ^ 1 : byte))),
      );
      await read();
      store.tamper('file.json', () => good.subarray(0, offset));
      await read();
    }
    store.tamper('file.json', () => Buffer.concat([good, Buffer.from(' ')]));
    await read();
  });

  it('is not read for ever where somebody put something endless in its place', async () => {
    const store = new MemoryStore();
    const artefact = await writeJsonArtefact(store, '', 'file.json', 1);
    const faulty = new FaultyStore(store);
    faulty.neverEnds('file.json', (bytes) => {
      if (bytes > 10_000_000) throw new Error('read on and on');
    });
    await expect(readJsonArtefact(faulty, '', artefact, z.json())).rejects.toBeInstanceOf(IntegrityError);
  });

  it('that nothing vouches for must still be of the form', async () => {
    const store = new MemoryStore();
    await store.put('file.json', Buffer.from('{"a":'));
    await expect(readJson(store, 'file.json', z.json())).rejects.toMatchObject({
      code: 'integrity.mismatch',
      message: expect.stringContaining('file.json'),
    });
    await writeJsonArtefact(store, '', 'file.json', { a: 1 });
    await expect(readJson(store, 'file.json', z.object({ a: z.string() }))).rejects.toBeInstanceOf(
      IntegrityError,
    );
    await expect(readJson(store, 'other.json', z.json())).rejects.toBeInstanceOf(ObjectNotFoundError);
  });
});
