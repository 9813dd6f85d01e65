import { beforeEach, describe, expect, it } from 'vitest';
import { indexRows } from '../testing/index-rows.ts';
import { backUpLibrary, environment } from '../testing/library-backup.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { compareMetadata } from './compare-metadata.ts';

const backupId = 'retail-prd-backup-20251109-143000';

describe('metadata of a sample', () => {
  let source: MemoryStore;
  let backups: MemoryStore;
  const compare = async () =>
    compareMetadata(await indexRows(backups, backupId), {
      source,
      backups,
      ref: environment,
      isExact: false,
    });

  beforeEach(async () => {
    source = new MemoryStore();
    backups = new MemoryStore();
    await source.put('a', Buffer.from('a'), { contentType: 'text/plain', metadata: { owner: 'ada' } });
    await source.put('b', Buffer.from('b'));
    await backUpLibrary({ source, backups, backupId });
  });

  it('is the same at the source, in the index and with the copy', async () => {
    expect(await compare()).toMatchObject({ ok: true, measured: 'all preserved' });
  });

  it('that a store lost or changed is told', async () => {
    const key = `retail/prd/backups/${backupId}/objects/a`;
    await backups.put(key, Buffer.from('a'), { contentType: 'image/png', metadata: { owner: 'bob' } });
    expect(await compare()).toMatchObject({
      ok: false,
      measured: 'different: "a" as stored: content type, metadata owner',
    });
  });

  it('whose tags alone differ is warned of', async () => {
    const key = `retail/prd/backups/${backupId}/objects/a`;
    await backups.put(key, Buffer.from('a'), {
      contentType: 'text/plain',
      metadata: { owner: 'ada' },
      tags: { class: 'inner' },
    });
    expect(await compare()).toMatchObject({
      ok: false,
      severity: 'warns',
      measured: 'different: "a" as stored: tag class',
    });
  });

  it('can not be compared any more where the source changed', async () => {
    await source.put('a', Buffer.from('another'), { contentType: 'image/png' });
    expect(await compare()).toMatchObject({
      ok: true,
      measured: 'all preserved; 1 changed at the source since',
    });
  });
});
