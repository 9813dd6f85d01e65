import { beforeEach, describe, expect, it } from 'vitest';
import { emptyChainHash } from '../audit/chain.ts';
import { copySchema } from '../model/run.ts';
import type { RunOutcome } from '../ports/catalog.ts';
import { manifestKey } from '../repository/layout.ts';
import { readRecords } from '../repository/record.ts';
import { environment } from '../testing/library-backup.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { sealBackup } from '../testing/sealed-backup.ts';
import { stepContext } from '../testing/step-context.ts';
import { toArray } from '../testing/streams.ts';
import { stubCatalog } from '../testing/stub-catalog.ts';
import { stubProvider } from '../testing/stub-provider.ts';
import { testSigner } from '../testing/test-signer.ts';
import { verifyLocation } from '../verify/verify-location.ts';
import { finishCopy } from './copy-finish.ts';

const at = '2025-11-10T14:30:00.000Z';
const backupId = 'retail-prd-backup-20251109-143000';
const copyId = 'retail-prd-copy-20251110-143000';
const input = { runId: copyId, projectId: 'retail', outcome: { state: 'Succeeded' } } as const;
const copy = copySchema.parse({
  kind: 'copy',
  runId: copyId,
  ...environment,
  state: 'InProgress',
  units: { database: { state: 'InProgress' }, documentLibrary: { state: 'InProgress' } },
  epoch: 1,
  cancelRequested: false,
  requestedAt: at,
  request: {
    kind: 'copy',
    requestId: 'r-1',
    ...environment,
    initiator: 'ada',
    correlationId: 'c-1',
    requestedAt: at,
    backupId,
    backup: { environment: environment.environment, location: 'memory://backups' },
    to: 'memory://copies',
  },
});

async function sealedCopy() {
  const backups = new MemoryStore({ location: 'memory://backups' });
  const copies = new MemoryStore({ location: 'memory://copies' });
  const library = new MemoryStore({ location: 'memory://library' });
  const signer = testSigner();
  for (const key of ['a', 'b', 'c']) await library.put(key, Buffer.from(key));
  const copiedFrom = {
    location: 'memory://backups',
    manifestSha256: '0'.repeat(64),
    sealedAt: at,
    copyId,
    initiator: 'ada',
  };
  await sealBackup({ source: library, backups: copies, backupId, signer, manifest: { copiedFrom } });
  const outcomes: RunOutcome[] = [];
  const catalog = stubCatalog({
    platform: { checkLease: async () => undefined },
    project: {
      run: async () => copy,
      setUnit: async () => undefined,
      setSealed: async () => undefined,
      finish: async (_lease, outcome) => {
        outcomes.push(outcome);
        return { ...copy, state: outcome.state, completedAt: at };
      },
      auditHead: async () => ({ chain: 'retail', sequence: 0, hash: emptyChainHash }),
    },
  });
  const provider = stubProvider({
    objectStore: (location) => (location === 'memory://copies' ? copies : backups),
    stopOperations: async () => undefined,
  });
  const trusted = [signer.trusted];
  const context = stepContext({ catalog, provider, signer, trustedKeys: async () => trusted });
  const problems = async () => {
    const { environments } = await verifyLocation({
      store: copies,
      trustedKeys: trusted,
      level: 'quick',
      sample: { size: 1, seed: 'seed' },
      concurrency: 2,
      signal: context.signal,
      onProgress: () => undefined,
    });
    return environments.flatMap((found) => found.backups.flatMap((backup) => backup.problems.texts));
  };
  return { copies, context, outcomes, trusted, problems };
}

describe('finishing a copy', () => {
  let world: Awaited<ReturnType<typeof sealedCopy>>;
  beforeEach(async () => {
    world = await sealedCopy();
  });

  it('leaves a record beside it, once, so that it is missed although no other copy follows it', async () => {
    const { context, copies, trusted, outcomes, problems } = world;
    expect(await finishCopy(input, context)).toEqual({ state: 'Succeeded' });
    await finishCopy(input, context);
    expect(outcomes[0]).toEqual({ state: 'Succeeded' });
    const records = await toArray(readRecords(copies, environment, trusted));
    expect(records.map(({ record }) => record)).toMatchObject([{ type: 'copied', backupId, copyId }]);
    expect(await problems()).toEqual([]);

    const [left] = copies.keys().filter((key) => key.includes('/objects/'));
    await copies.deleteMany([{ key: manifestKey(environment, backupId) }]);
    expect(await problems()).toEqual([expect.stringContaining('manifest.json is missing')]);
    const gone = copies.keys().filter((key) => key.includes('/backups/'));
    expect(gone).toContain(left);
    await copies.deleteMany(gone.map((key) => ({ key })));
    expect(await problems()).toEqual([expect.stringContaining('manifest.json is missing')]);
  });

  it('that was damaged since its seal ends it as Failed and removes nothing', async () => {
    const { context, copies, outcomes } = world;
    const [list = ''] = copies.keys().filter((key) => key.endsWith('/library/index.json'));
    copies.tamper(list, (bytes) => bytes.subarray(1));
    const before = copies.keys();
    expect(await finishCopy(input, context)).toEqual({ state: 'Failed' });
    expect(outcomes).toMatchObject([
      { state: 'Failed', error: { message: expect.stringContaining('was sealed and is damaged') } },
    ]);
    expect(copies.keys().filter((key) => key.includes('/backups/'))).toEqual(before);
  });
});
