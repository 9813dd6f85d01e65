import { beforeEach, describe, expect, it } from 'vitest';
import { emptyChainHash } from '../audit/chain.ts';
import { LcbError } from '../errors/lcb-error.ts';
import { readStanding } from '../keeping/read-standing.ts';
import type { VerifyRun } from '../model/run.ts';
import { verifyRunSchema } from '../model/run.ts';
import type { BackupProvider } from '../ports/backup-provider.ts';
import type { RunOutcome } from '../ports/catalog.ts';
import type { TargetState } from '../ports/database-engine.ts';
import { backupPrefix } from '../repository/layout.ts';
import { environment } from '../testing/library-backup.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { type SealedBackup, sealBackup } from '../testing/sealed-backup.ts';
import { stepContext } from '../testing/step-context.ts';
import { stubCatalog } from '../testing/stub-catalog.ts';
import { stubProvider } from '../testing/stub-provider.ts';
import { testSigner } from '../testing/test-signer.ts';
import { finishVerification } from './verify-finish.ts';
import { planVerification } from './verify-plan.ts';

const at = '2025-11-10T14:30:00.000Z';
const backupId = 'retail-prd-backup-20251109-143000';
const runId = 'retail-prd-verify-20251110-143000';
const input = { runId, projectId: 'retail' };
const failed = (code: string): RunOutcome => ({
  state: 'Failed',
  error: { code, message: 'It went wrong.', retryable: false },
});

describe('a verification by restore', () => {
  const signer = testSigner();
  let backups: MemoryStore;
  let sealed: SealedBackup;
  let run: VerifyRun;
  let outcomes: RunOutcome[];

  beforeEach(async () => {
    backups = new MemoryStore({ location: 'memory://backups' });
    sealed = await sealBackup({ source: new MemoryStore(), backups, backupId, signer });
    outcomes = [];
    const { projectId, environment: name } = environment;
    run = verifyRunSchema.parse({
      kind: 'verify',
      runId,
      ...environment,
      state: 'InProgress',
      units: {},
      epoch: 1,
      cancelRequested: false,
      requestedAt: at,
      request: {
        ...{ kind: 'verify', requestId: 'r-1', projectId, environment: name, initiator: 'ada' },
        ...{ correlationId: 'c-1', requestedAt: at, backupId },
        backup: { environment: name, location: 'memory://backups' },
        server: { engine: 'postgresql', url: 'postgres://liferay@db/lportal' },
      },
    });
  });

  function context(parts: Partial<BackupProvider> = {}) {
    const catalog = stubCatalog({
      platform: { checkLease: async () => undefined },
      project: {
        run: async (id) => (id === runId ? run : undefined),
        setState: async () => undefined,
        addVerification: async (_lease, added) => {
          run = { ...run, result: { ...run.result, ...added } };
        },
        setUnit: async (_lease, unit, status) => {
          const { state = 'Pending', ...rest } = { ...run.units[unit], ...status };
          run = { ...run, units: { ...run.units, [unit]: { ...rest, state } } };
        },
        finish: async (_lease, outcome) => {
          outcomes.push(outcome);
          return { ...run, state: outcome.state, completedAt: at };
        },
        auditHead: async () => ({ chain: 'retail', sequence: 0, hash: emptyChainHash }),
      },
    });
    const provider = stubProvider({
      objectStore: () => backups,
      stopOperations: async () => undefined,
      ...parts,
    });
    return stepContext({ catalog, provider, signer, trustedKeys: async () => [signer.trusted] });
  }

  const standing = async () =>
    (await readStanding(backups, environment, backupId, [signer.trusted])).standing;
  const states = (state: TargetState): Partial<BackupProvider> => ({
    assertDumpLoadable: async () => undefined,
    databaseTargetState: async ({ url }) => {
      expect(url).toMatch(/^postgres:\/\/liferay@db\/lcb_verify_[0-9a-f]{16}$/);
      return state;
    },
  });

  it.each(['absent', 'ownedByRun'] as const)('is planned where its database is %s', async (state) => {
    expect(await planVerification(input, context(states(state)))).toEqual({ certifies: true });
    expect(run.units.database).toMatchObject({ state: 'InProgress' });
    expect(run.result?.artefacts).toBe(sealed.dump.parts.length + 3);
  });

  it.each(['empty', 'occupied'] as const)('is refused where its database is %s', async (state) => {
    const planning = planVerification(input, context(states(state)));
    await expect(planning).rejects.toMatchObject({ code: 'verify.scratchTaken' });
    expect(run.units.database).toBeUndefined();
  });

  it.each([
    ['is gone', () => undefined],
    ['is shorter', (bytes: Buffer) => bytes.subarray(1)],
  ])('finds damage before it loads where a part %s', async (_, change) => {
    const { dump } = sealed;
    for (const { path } of [dump.parts[0], dump.tables, dump.libraryRows[0]].filter(
      (each) => each !== undefined,
    )) {
      const key = backupPrefix(environment, backupId) + path;
      const good = backups.bytes(key);
      await backups.deleteMany([{ key }]);
      const bad = change(good);
      if (bad !== undefined) await backups.put(key, bad);
      const planning = planVerification(input, context());
      await expect(planning).rejects.toMatchObject({ code: 'verify.damaged' });
      await backups.deleteMany([{ key }]);
      await backups.put(key, good);
    }
  });

  it('is of a database, and of a server of its kind', async () => {
    run = {
      ...run,
      request: { ...run.request, server: { engine: 'mysql', url: 'mysql://liferay@db/lportal' } },
    };
    await expect(planVerification(input, context())).rejects.toMatchObject({ code: 'request.invalid' });
    const { documentLibrary } = sealed.manifest.units;
    backups = new MemoryStore({ location: 'memory://backups' });
    const manifest = { units: { documentLibrary } };
    await sealBackup({ source: new MemoryStore(), backups, backupId, signer, manifest });
    await expect(planVerification(input, context())).rejects.toMatchObject({ code: 'verify.noDatabase' });
  });

  const loaded = () => {
    run = { ...run, units: { database: { state: 'InProgress', startedAt: at } } };
  };
  const dropped: string[] = [];
  const dropping: Partial<BackupProvider> = {
    discardRestoredDatabase: async ({ url }, id, options) => {
      dropped.push(`${url.split('/').at(-1)} ${id} ${options?.unmarked}`);
    },
  };

  it('drops its database and puts its word on record, once, however often it is finished', async () => {
    loaded();
    for (let time = 0; time < 2; time += 1) {
      const finish = finishVerification({ ...input, outcome: { state: 'Succeeded' } }, context(dropping));
      expect(await finish).toEqual({ state: 'Succeeded' });
    }
    expect(dropped).toEqual(
      Array(2).fill(expect.stringMatching(new RegExp(`^lcb_verify_.* ${runId} true$`))),
    );
    expect((await standing()).verified?.restore).toMatchObject({ ok: true, actor: 'ada', problems: [] });
    expect(backups.keys().filter((key) => key.includes('-verified'))).toHaveLength(1);
    expect(run.units.database?.state).toBe('Succeeded');
  });

  it.each(['verify.damaged', 'verify.databaseDiffers', 'verify.certificateDiffers'])(
    'takes %s for damage of the backup',
    async (code) => {
      loaded();
      await finishVerification({ ...input, outcome: failed(code) }, context(dropping));
      expect(await standing()).toMatchObject({
        damagedBy: ['restore'],
        verified: { restore: { ok: false, problems: ['It went wrong.'] } },
      });
    },
  );

  it.each([
    failed('database.unreachable'),
    failed('database.permission'),
    failed('database.toolFailed'),
    failed('integrity.mismatch'),
    failed('run.lost'),
    { state: 'Cancelled' } as const,
  ])('says nothing of the backup where %o is at fault', async (outcome) => {
    loaded();
    await finishVerification({ ...input, outcome }, context(dropping));
    expect(await standing()).toEqual({});
    expect(outcomes).toEqual([outcome]);
  });

  it('drops nothing that it has not come to make', async () => {
    await finishVerification({ ...input, outcome: failed('database.unreachable') }, context());
    expect(outcomes).toEqual([failed('database.unreachable')]);
  });

  it('fails where its database stays, and says so; what it found out stands', async () => {
    loaded();
    const refusal = new LcbError({ code: 'database.permission', message: 'Not yours.' });
    const keeping = { discardRestoredDatabase: () => Promise.reject(refusal) };
    await finishVerification({ ...input, outcome: { state: 'Succeeded' } }, context(keeping));
    expect(outcomes).toEqual([
      {
        state: 'Failed',
        error: {
          code: 'database.permission',
          message: expect.stringMatching(
            /^The scratch database lcb_verify_\w+ could not be dropped.*Not yours\.$/,
          ),
          retryable: false,
        },
      },
    ]);
    expect((await standing()).verified?.restore?.ok).toBe(true);
  });
});
