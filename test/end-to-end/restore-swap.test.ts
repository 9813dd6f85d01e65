import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { hookServer } from '@lcb/hooks/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askedOf, hooked } from '../support/hooked.ts';
import { replacingRequest } from '../support/local-fixture.ts';
import { filesBelow } from '../support/repository.ts';
import { type RestoreLab, restoreLab } from '../support/restore-lab.ts';

let lab: RestoreLab;
beforeAll(async () => {
  lab = await restoreLab();
});
afterAll(async () => {
  await lab?.close();
});

describe('prepare and swap', () => {
  it('puts the restored environment in the place of the old one, which is kept', async () => {
    const living = await lab.livingEnvironment('swapped');
    const filesBefore = await filesBelow(living.libraryFolder);
    const run = await lab.restoring(
      replacingRequest(lab.source, lab.backupId, living, { mode: 'swap', safetyBackup: undefined }),
    );
    expect(run).toMatchObject({ state: 'Succeeded' });
    expect(await lab.differences(lab.source, living)).toEqual([]);
    const { database = '', documentLibrary = '' } = run.result?.kept ?? {};
    expect(run.result?.declare).toBeUndefined();
    expect(await filesBelow(fileURLToPath(documentLibrary))).toEqual(filesBefore);
    const url = new URL(living.databaseUrl);
    url.pathname = new URL(database).pathname;
    expect(await lab.query({ ...living, databaseUrl: url.href }, 'SELECT id FROM added_later')).toEqual([
      { id: 1 },
    ]);
  });

  it('tells the environment, and puts everything back when that refuses', async () => {
    const living = await lab.livingEnvironment('told');
    const hooks = await hookServer();
    const told = hooked(living, hooks);
    const request = () =>
      replacingRequest(lab.source, lab.backupId, told, { mode: 'swap', safetyBackup: undefined });
    try {
      hooks.behave({ status: 403 });
      const refused = await lab.restoring(request());
      expect(refused).toMatchObject({ state: 'Failed', error: { code: 'hook.refused' } });
      expect(await lab.query(living, 'SELECT id FROM added_later')).toEqual([{ id: 1 }]);
      const databases = await lab.query(living, `SELECT datname FROM pg_database WHERE datname LIKE 'told%'`);
      expect(databases).toEqual([{ datname: 'told' }]);

      hooks.behave({ status: 204 });
      const run = await lab.restoring(request());
      expect(run).toMatchObject({ state: 'Succeeded' });
      expect(await lab.differences(lab.source, living)).toEqual([]);
      expect(askedOf(hooks).filter((asked) => asked.startsWith('switch'))).toEqual([
        `switch ${refused.runId}-switch`,
        `switch ${run.runId}-switch`,
      ]);
    } finally {
      await hooks.close();
    }
  });

  it('that fails leaves the environment alone, and nothing beside it', async () => {
    const living = await lab.livingEnvironment('not-swapped');
    const before = await filesBelow(living.libraryFolder);
    const damaged = await lab.damagedBackup();
    const run = await lab.restoring(
      replacingRequest(lab.source, damaged, living, { mode: 'swap', safetyBackup: undefined }),
    );
    expect(run).toMatchObject({ state: 'Failed', error: { code: 'integrity.mismatch' } });
    expect(await filesBelow(living.libraryFolder)).toEqual(before);
    expect(await lab.query(living, 'SELECT id FROM added_later')).toEqual([{ id: 1 }]);
    const databases = await lab.query(
      living,
      `SELECT datname FROM pg_database WHERE datname LIKE 'not_swapped%'`,
    );
    expect(databases).toEqual([{ datname: 'not_swapped' }]);
    expect(existsSync(`${living.libraryFolder}-new`)).toBe(false);
  });
});
