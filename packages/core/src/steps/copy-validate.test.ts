import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { copyBackupPart } from '../library/copy-backup-part.ts';
import { copySchema } from '../model/run.ts';
import { readJson, readJsonArtefact } from '../repository/json-artefact.ts';
import { backupPrefix, checksPath } from '../repository/layout.ts';
import { libraryIndexSchema } from '../repository/library-index.ts';
import { checkSchema } from '../repository/manifest.ts';
import { environment } from '../testing/library-backup.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { sealBackup } from '../testing/sealed-backup.ts';
import { stepContext } from '../testing/step-context.ts';
import { stubCatalog } from '../testing/stub-catalog.ts';
import { stubProvider } from '../testing/stub-provider.ts';
import { testSigner } from '../testing/test-signer.ts';
import { copyArtefacts, copyLibraryPart, foldCopiedIndex } from './copy-bytes.ts';
import { planCopy } from './copy-plan.ts';
import { validateCopy } from './copy-validate.ts';
import type { StepContext } from './step-context.ts';

const backupId = 'retail-prd-backup-20251109-143000';
const copyId = 'retail-prd-copy-20251109-150000';
const prefix = backupPrefix(environment, backupId);
const requestedAt = '2025-11-09T15:00:00.000Z';
const to = 's3://copy';
const input = { runId: copyId, projectId: environment.projectId };
const objects = 40;

const run = copySchema.parse({
  kind: 'copy',
  runId: copyId,
  ...environment,
  state: 'Pending',
  units: {},
  epoch: 1,
  cancelRequested: false,
  requestedAt,
  request: {
    kind: 'copy',
    requestId: 'r-2',
    ...environment,
    initiator: 'ada',
    requestedAt,
    correlationId: 'c-2',
    backupId,
    backup: { environment: environment.environment, location: 's3://backups' },
    to,
  },
});

describe('validating a copy before its seal', () => {
  let target: MemoryStore;
  let context: StepContext;

  beforeEach(async () => {
    const signer = testSigner();
    const source = new MemoryStore();
    const backups = new MemoryStore();
    target = new MemoryStore();
    for (let at = 0; at < objects; at += 1) await source.put(`1/${at}/1.0`, Buffer.from(`bytes of ${at}`));
    await sealBackup({ source, backups, backupId, signer });
    context = stepContext({
      signer,
      trustedKeys: async () => [signer.trusted],
      provider: stubProvider({
        objectStore: (location) => (location === to ? target : backups),
        async copyObjectStorageBackup({ backup, index, part: shard, cursor }, control) {
          const { parts } = await readJsonArtefact(backups, prefix, index, libraryIndexSchema);
          const part = parts[shard];
          if (part === undefined) throw new TypeError(`The index has no part ${shard}.`);
          const request = { backup, source: backups, target, part, shard, cursor, concurrency: 3, control };
          return copyBackupPart(request);
        },
      }),
      catalog: stubCatalog({
        project: {
          run: async (runId) => (runId === copyId ? run : undefined),
          environments: async () => [],
          setState: async () => undefined,
          setUnit: async () => undefined,
        },
      }),
    });
    const plan = await planCopy(input, context);
    await copyArtefacts({ ...input, cursor: 0 }, context);
    for (let shard = 0; shard < plan.parts; shard += 1)
      await copyLibraryPart({ ...input, shard, shards: plan.parts, cursor: 0 }, context);
    await foldCopiedIndex({ ...input, parts: plan.parts }, context);
  });

  it('keeps a check for everything that was looked at', async () => {
    await validateCopy(input, context);
    const checks = await readJson(target, prefix + checksPath(1), z.array(checkSchema));
    expect(checks.map(({ name, ok }) => [name, ok])).toEqual([
      ['copy.readBack', true],
      ['copy.library', true],
      ['copy.copiesPresent', true],
      ['copy.sampleReadBack', true],
    ]);
  });

  // Forty times, so that most of them are none of the ten that are read back.
  it('misses any object that the location has answered for and does not hold', async () => {
    for (let at = 0; at < objects; at += 1) {
      const key = `${prefix}objects/1/${at}/1.0`;
      const bytes = target.bytes(key);
      await target.deleteMany([{ key }]);
      await expect(validateCopy(input, context)).rejects.toMatchObject({
        code: 'copy.differs',
        message: expect.stringContaining(`objects/1/${at}/1.0 is not there`),
      });
      await target.put(key, bytes);
    }
  });

  it('finds one with another size', async () => {
    target.tamper(`${prefix}objects/1/7/1.0`, (bytes) => bytes.subarray(1));
    await expect(validateCopy(input, context)).rejects.toMatchObject({
      code: 'copy.differs',
      message: expect.stringContaining('objects/1/7/1.0 has 9 bytes instead of 10'),
    });
  });
});
