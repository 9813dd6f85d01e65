import { describe, expect, it } from 'vitest';
import { KeyRefusedError } from '../errors/errors.ts';
import type { WriteOptions } from '../ports/object-store.ts';
import { readJson } from '../repository/json-artefact.ts';
import { readJsonLines } from '../repository/json-lines.ts';
import { backupPrefix, environmentPrefix, indexPartDescriptionPath } from '../repository/layout.ts';
import { indexPartDescriptionSchema, indexRowSchema } from '../repository/library-index.ts';
import { attemptOf, backUpLibrary, unhurried } from '../testing/library-backup.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { toArray } from '../testing/streams.ts';
import { copyBackupPart } from './copy-backup-part.ts';

/** As a folder is: no object can be the folder of another. */
class FolderLikeStore extends MemoryStore {
  /** What the store was told of each object before its bytes came. */
  readonly announced = new Map<string, WriteOptions | undefined>();

  override async put(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    options?: WriteOptions,
  ): Promise<Awaited<ReturnType<MemoryStore['put']>>> {
    this.announced.set(key, options);
    const chunks: Uint8Array[] = [];
    if (body instanceof Uint8Array) chunks.push(body);
    else for await (const chunk of body) chunks.push(Buffer.from(chunk));
    // Looked at when the object gets its name, as a file system does.
    if (this.keys('').some((other) => other.startsWith(`${key}/`) || key.startsWith(`${other}/`)))
      throw new KeyRefusedError('memory://folder', key, 'one of the folders in it exists as a file.');
    return super.put(key, Buffer.concat(chunks), options);
  }
}

describe('copying a part of a backup', () => {
  it.each([1, 3])(
    'has a place for objects that are folders of others, %i at a time, also when repeated',
    async (concurrency) => {
      const source = new MemoryStore();
      const keys = ['a', 'a-b', 'a/b', 'a/b/c', 'b'];
      for (const key of keys) await source.put(key, Buffer.from(`bytes of ${key}`), { tags: { of: key } });
      const backups = new MemoryStore();
      const backup = attemptOf('retail-prd-backup-20251109-143000');
      const { index } = await backUpLibrary({ source, backups, backupId: backup.backupId });
      const [part] = index.parts;
      if (part === undefined) throw new TypeError('The index has no part.');
      const target = new FolderLikeStore();
      const prefix = backupPrefix(backup, backup.backupId);
      for (let time = 0; time < 2; time += 1) {
        const control = unhurried;
        const request = { backup, source: backups, target, part, shard: 0, cursor: 0, concurrency, control };
        expect(await copyBackupPart(request)).toMatchObject({ cursor: null, objects: 5 });
        const path = indexPartDescriptionPath(backup.attempt, 0, 0);
        const description = await readJson(target, prefix + path, indexPartDescriptionSchema);
        const copied: string[] = [];
        for await (const row of readJsonLines(target, prefix, description.part, indexRowSchema)) {
          copied.push(row.key);
          const { body } = await target.get(environmentPrefix(backup) + row.copy.path);
          const chunks: Uint8Array[] = [];
          for await (const chunk of body) chunks.push(chunk);
          expect(Buffer.concat(chunks).toString()).toBe(`bytes of ${row.key}`);
          // A bucket chooses the size of its parts by it: without it an object that is large enough does not fit into as many as it may have.
          expect(target.announced.get(environmentPrefix(backup) + row.copy.path)?.size).toBe(row.size);
        }
        expect(copied).toEqual(keys);
        // Each has one place, whichever that is.
        expect(target.keys(`${prefix}objects`)).toHaveLength(keys.length);
      }
    },
  );

  it('writes down what only the copies of a server knew', async () => {
    const description = { contentType: 'text/plain', metadata: { who: 'ada' }, tags: { class: 'inner' } };
    const source = new MemoryStore();
    await source.put('a', Buffer.from('bytes'), description);
    const backups = new MemoryStore({ copies: true });
    const backup = attemptOf('retail-prd-backup-20251109-143000');
    const { index } = await backUpLibrary({ source, backups, backupId: backup.backupId });
    const [part] = index.parts;
    if (part === undefined) throw new TypeError('The index has no part.');
    const target = new MemoryStore();
    const request = { backup, source: backups, target, part, shard: 0, cursor: 0, concurrency: 1 };
    await copyBackupPart({ ...request, control: unhurried });
    const prefix = backupPrefix(backup, backup.backupId);
    const path = indexPartDescriptionPath(backup.attempt, 0, 0);
    const written = await readJson(target, prefix + path, indexPartDescriptionSchema);
    expect(await toArray(readJsonLines(backups, prefix, part, indexRowSchema))).not.toMatchObject([
      description,
    ]);
    expect(await toArray(readJsonLines(target, prefix, written.part, indexRowSchema))).toMatchObject([
      description,
    ]);
  });
});
