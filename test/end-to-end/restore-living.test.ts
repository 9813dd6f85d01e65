import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { environmentSchema, restoreRequestSchema } from '@lcb/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backupRequest, type PlacedEnvironment, replacingRequest } from '../support/local-fixture.ts';
import { filesBelow } from '../support/repository.ts';
import { type RestoreLab, restoreLab } from '../support/restore-lab.ts';

let lab: RestoreLab;
beforeAll(async () => {
  lab = await restoreLab();
});
afterAll(async () => {
  await lab?.close();
});

const generatedFile = /^\d+\/0\/(document_preview|document_thumbnail|adaptive)\//;
const upload = '20097/10/777777/1.0';

async function write(environment: PlacedEnvironment, key: string): Promise<void> {
  const path = join(environment.libraryFolder, key);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, 'somebody works here');
}

const read = (environment: PlacedEnvironment, key: string) =>
  readFile(join(environment.libraryFolder, key), 'utf8');

/** Once, when this step begins. */
function whenBegins(step: string, act: () => Promise<void>): void {
  lab.disturb(async (event) => {
    if (event.kind !== 'step' || event.step !== step || event.phase !== 'begin') return;
    lab.leaveAlone();
    await act();
  });
}

describe('what somebody writes into a library that is restored in place', () => {
  it('after the safety backup makes the restore fail before the library is touched', async () => {
    const living = await lab.livingEnvironment('late-upload');
    whenBegins('restore.library.plan', () => write(living, upload));
    const run = await lab.restoring(replacingRequest(lab.source, lab.backupId, living));
    expect(run).toMatchObject({
      state: 'Failed',
      error: { code: 'restore.changedMeanwhile', message: expect.stringContaining(upload) },
      result: { rolledBack: true, written: ['database'] },
    });
    expect(await read(living, upload)).toBe('somebody works here');
    expect(await lab.query(living, 'SELECT id FROM added_later')).toEqual([{ id: 1 }]);
  });

  it('while it is replaced makes the restore fail, and stays on the way back', async () => {
    const living = await lab.livingEnvironment('later-upload');
    const before = await filesBelow(living.libraryFolder);
    whenBegins('restore.library.remove', () => write(living, upload));
    const run = await lab.restoring(replacingRequest(lab.source, lab.backupId, living));
    expect(run).toMatchObject({
      state: 'Failed',
      error: { code: 'restore.libraryDiffers', message: expect.stringContaining(upload) },
      result: { rolledBack: true },
    });
    expect(await filesBelow(living.libraryFolder)).toEqual([...before, upload].sort());
    expect(await read(living, upload)).toBe('somebody works here');
  });

  it('over an object that is to be replaced is not replaced', async () => {
    const living = await lab.livingEnvironment('overwritten');
    const [key = ''] = await filesBelow(lab.source.libraryFolder);
    whenBegins('restore.library.plan', () => write(living, key));
    const request = replacingRequest(lab.source, lab.backupId, living, { units: ['documentLibrary'] });
    const run = await lab.restoring(request);
    expect(run).toMatchObject({ state: 'Failed', error: { code: 'restore.changedMeanwhile' } });
    expect(run.error?.message).not.toContain('half restored');
    expect(await read(living, key)).toBe('somebody works here');
  });
});

it('the way back keeps generated files that the safety backup leaves out', async () => {
  const living = await lab.livingEnvironment('generated');
  const { documentLibrary } = living.environment;
  const lean = environmentSchema.parse({
    ...living.environment,
    documentLibrary: { ...documentLibrary, excludeGeneratedFiles: true },
  });
  const generated = (await filesBelow(living.libraryFolder)).filter((key) => generatedFile.test(key));
  expect(generated.length).toBeGreaterThan(0);
  const companies = [...new Set(generated.map((key) => key.split('/')[0] ?? ''))];
  lab.disturb((event) => {
    if (event.kind !== 'step' || event.step !== 'restore.validate' || event.phase !== 'begin') return;
    lab.leaveAlone();
    throw new Error('broken at this point');
  });
  const run = await lab.restoring(
    restoreRequestSchema.parse({
      ...replacingRequest(
        lab.source,
        lab.backupId,
        { ...living, environment: lean },
        { units: ['documentLibrary'] },
      ),
      selection: { companies },
    }),
  );
  lab.leaveAlone();
  expect(run).toMatchObject({ state: 'Failed', result: { rolledBack: true } });
  expect(await filesBelow(living.libraryFolder)).toEqual(expect.arrayContaining(generated));
});

describe('a restore that would replace something by nothing is refused', () => {
  it('where a company has no object', async () => {
    const living = await lab.livingEnvironment('no-company');
    const before = await filesBelow(living.libraryFolder);
    const request = restoreRequestSchema.parse({
      ...replacingRequest(lab.source, lab.backupId, living, { units: ['documentLibrary'] }),
      selection: { companies: ['999999'] },
    });
    const run = await lab.restoring(request);
    expect(run).toMatchObject({
      state: 'Failed',
      error: { code: 'restore.selectionEmpty', message: expect.stringContaining('999999') },
    });
    expect(run.error?.message).not.toContain('half restored');
    expect(await filesBelow(living.libraryFolder)).toEqual(before);
  });

  it('where a library without objects is to be swapped in', async () => {
    const empty = lab.newEnvironment('empty');
    await mkdir(empty.libraryFolder, { recursive: true });
    const { runId } = await lab.succeeding(backupRequest(empty, { units: ['documentLibrary'] }));
    const living = await lab.livingEnvironment('swapped');
    const before = await filesBelow(living.libraryFolder);
    const request = replacingRequest(empty, runId, living, {
      mode: 'swap',
      units: ['documentLibrary'],
      safetyBackup: undefined,
    });
    expect(await lab.restoring(request)).toMatchObject({
      state: 'Failed',
      error: { code: 'restore.emptySwap' },
    });
    expect(await filesBelow(living.libraryFolder)).toEqual(before);
  });
});
