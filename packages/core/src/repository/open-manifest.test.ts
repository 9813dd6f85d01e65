import { beforeEach, describe, expect, it } from 'vitest';
import { ObjectNotFoundError } from '../errors/errors.ts';
import { environment } from '../testing/library-backup.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { type SealedBackup, sealBackup } from '../testing/sealed-backup.ts';
import { sequenceClock } from '../testing/sequence-clock.ts';
import { testSigner } from '../testing/test-signer.ts';
import { manifestKey } from './layout.ts';
import { findManifest, openManifest } from './open-manifest.ts';
import { type DocumentType, signDocument } from './signed-document.ts';

const backupId = 'retail-prd-backup-20251109-143000';
const otherId = 'retail-prd-backup-20251110-143000';

describe('opening a manifest', () => {
  const signer = testSigner();
  const trusted = [signer.trusted];
  let store: MemoryStore;
  let sealed: SealedBackup;

  beforeEach(async () => {
    store = new MemoryStore();
    sealed = await sealBackup({ source: new MemoryStore(), backups: store, backupId, signer });
  });

  /** Puts another document, rightly signed, in the manifest's place. */
  async function replace(value: unknown, type: DocumentType = 'lcb-manifest', id = backupId): Promise<void> {
    await store.put(manifestKey(environment, id), await signDocument(signer, sequenceClock(), type, value));
  }

  it('gives what was sealed', async () => {
    const opened = await openManifest(store, environment, backupId, trusted);
    expect(opened.value).toEqual(sealed.manifest);
    expect(await findManifest(store, environment, backupId, trusted)).toEqual(opened);
  });

  it('finds none where the backup was never sealed', async () => {
    await expect(openManifest(store, environment, otherId, trusted)).rejects.toBeInstanceOf(
      ObjectNotFoundError,
    );
    expect(await findManifest(store, environment, otherId, trusted)).toBeUndefined();
  });

  it('refuses one of another backup, environment or project', async () => {
    const foreign = [{ backupId: otherId }, { environment: 'uat' }, { projectId: 'other' }];
    for (const other of foreign) {
      await replace({ ...sealed.manifest, ...other });
      await expect(openManifest(store, environment, backupId, trusted)).rejects.toMatchObject({
        code: 'manifest.foreign',
      });
    }
  });

  it('refuses a newer version with a clear word, before it complains of anything else', async () => {
    await replace({ format: 'lcb-backup', version: 2, everything: 'is new' });
    await expect(openManifest(store, environment, backupId, trusted)).rejects.toMatchObject({
      code: 'manifest.newerVersion',
      message: expect.stringMatching(/format version 2, and this lcb reads up to 1: use a newer lcb/),
    });
    await expect(findManifest(store, environment, backupId, trusted)).rejects.toThrow('use a newer lcb');
  });

  it.each([
    ['an older version', { version: 0 }],
    ['another format', { format: 'other' }],
    ['an attempt that is none', { attempt: 0 }],
    ['no time of its seal', { sealedAt: undefined }],
    ['a hash that is none', { previous: { backupId: otherId, sha256: 'x' } }],
    ['no units', { units: undefined }],
  ])('refuses one with %s', async (_what, change) => {
    await replace({ ...sealed.manifest, ...change });
    await expect(openManifest(store, environment, backupId, trusted)).rejects.toMatchObject({
      code: 'document.malformed',
    });
  });

  it('refuses a record in its place, and never takes damage for absence', async () => {
    await replace(sealed.manifest, 'lcb-record');
    await expect(findManifest(store, environment, backupId, trusted)).rejects.toMatchObject({
      code: 'document.malformed',
    });
    store.tamper(manifestKey(environment, backupId), () => Buffer.alloc(0));
    await expect(findManifest(store, environment, backupId, trusted)).rejects.toMatchObject({
      code: 'document.malformed',
    });
    await expect(findManifest(store, environment, backupId, [])).rejects.toMatchObject({
      code: 'document.malformed',
    });
  });
});
