import { appendFile, readFile, rename, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { openManifest, readIndex } from '@lcb/core';
import type { LocalService } from '@lcb/functions-local';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareEnvironments } from '../compare/index.ts';
import { changeEnvironment } from '../fixtures/change/change-environment.ts';
import {
  backupRequest,
  copyRequest,
  deleteRequest,
  type LocalFixture,
  localFixture,
  project,
  restoreRequest,
} from '../support/local-fixture.ts';
import { filesBelow, folderOf, verify } from '../support/repository.ts';
import { runToEnd } from '../support/run-to-end.ts';

const ref = { projectId: project, environment: 'prd' };

/** One story, told in order. */
describe('a copy of a backup', () => {
  let fixture: LocalFixture;
  let service: LocalService;
  let first: string;
  let second: string;
  beforeAll(async () => {
    fixture = await localFixture();
    // Small shards and short steps: an index of several parts, each written by several calls.
    service = await fixture.open(await fixture.settings({ shardObjects: 40, stepSeconds: 0.05 }));
    first = (await runToEnd(service, backupRequest(fixture.source))).runId;
    await changeEnvironment(fixture.source, fixture.spec, { step: 1, replace: 3, add: 4, remove: 2 });
    second = (await runToEnd(service, backupRequest(fixture.source))).runId;
  }, 180_000);
  afterAll(async () => {
    await service.close();
    await fixture.remove();
  });

  const copyTo = (folder: string) => runToEnd(service, copyRequest(fixture.source, second, folder));
  const locationOf = (folder: string) => copyRequest(fixture.source, second, folder).to;

  it('has the same id, a manifest of its own that names the original, and needs nothing outside of its folder', async () => {
    const copy = await copyTo('copies');
    expect(copy).toMatchObject({
      kind: 'copy',
      state: 'Succeeded',
      units: { documentLibrary: { state: 'Succeeded' } },
    });
    const original = service.provider.objectStore(fixture.source.environment.backups.location);
    const copied = service.provider.objectStore(locationOf('copies'));
    const trusted = await service.trustedKeys();
    const one = await openManifest(original, ref, second, trusted);
    const two = await openManifest(copied, ref, second, trusted);
    expect(one.value.units.documentLibrary?.references).toEqual([first, second]);
    expect(two.value).toMatchObject({
      backupId: second,
      base: null,
      previous: null,
      location: locationOf('copies'),
      copiedFrom: { location: one.value.location, manifestSha256: one.sha256, copyId: copy.runId },
      units: { database: one.value.units.database, documentLibrary: { references: [second] } },
    });
    const keys = async (
      rows: AsyncIterable<{ key: string; checksum: { value: string }; copy: { path: string } }>,
    ) => {
      const found: string[] = [];
      for await (const { key, checksum } of rows) found.push(`${key} ${checksum.value}`);
      return found;
    };
    expect(await keys(readIndex(copied, ref, two.value))).toEqual(
      await keys(readIndex(original, ref, one.value)),
    );
    for await (const row of readIndex(copied, ref, two.value))
      expect(row.copy.path.startsWith(`backups/${second}/`)).toBe(true);
    const verification = await verify(service, fixture.source, second, locationOf('copies'));
    expect(verification.problems).toEqual([]);
    // The manifest, everything that it leads to, a record, and not a file more.
    const files = await filesBelow(folderOf(locationOf('copies')));
    expect(files).toHaveLength(1 + verification.artefacts + verification.objects + 1);
    expect(files.filter((file) => file.startsWith('retail/prd/records/'))).toHaveLength(1);
  });

  it('is never written over', async () => {
    const before = await readFile(
      join(folderOf(locationOf('copies')), `retail/prd/backups/${second}/manifest.json`),
    );
    const again = await copyTo('copies');
    expect(again).toMatchObject({ state: 'Failed', error: { code: 'copy.exists' } });
    expect((await verify(service, fixture.source, second, locationOf('copies'))).problems).toEqual([]);
    const after = await readFile(
      join(folderOf(locationOf('copies')), `retail/prd/backups/${second}/manifest.json`),
    );
    expect(after.equals(before)).toBe(true);
  });

  it('is refused inside the backups, and inside a library', async () => {
    for (const folder of ['backups', 'backups/inside', 'library-prd/inside']) {
      expect(await copyTo(folder)).toMatchObject({
        state: 'Failed',
        error: { code: 'request.nestedLocations' },
      });
    }
    expect((await verify(service, fixture.source, second)).problems).toEqual([]);
  });

  it('is the next one in the chain of its location', async () => {
    const { sealed } = await runToEnd(service, copyRequest(fixture.source, first, 'copies')).then((run) => {
      if (run.kind !== 'copy') throw new TypeError(`${run.runId} is not a copy.`);
      return run;
    });
    const copied = service.provider.objectStore(locationOf('copies'));
    const { value, sha256 } = await openManifest(copied, ref, first, await service.trustedKeys());
    expect(sha256).toBe(sealed?.manifestSha256);
    expect(value.previous?.backupId).toBe(second);
  });

  it('fails on a damaged backup, names the object and leaves nothing', async () => {
    const objects = join(
      folderOf(fixture.source.environment.backups.location),
      `retail/prd/backups/${first}/objects`,
    );
    const [damaged = ''] = await filesBelow(objects);
    const bytes = await readFile(join(objects, damaged));
    await appendFile(join(objects, damaged), 'x');
    const failed = await copyTo('of-damaged');
    expect(failed).toMatchObject({ state: 'Failed', error: { code: 'integrity.mismatch' } });
    expect(failed.error?.message).toContain(damaged);
    expect(await filesBelow(folderOf(locationOf('of-damaged')))).toEqual([]);
    await truncate(join(objects, damaged), bytes.length);
    expect((await copyTo('of-damaged')).state).toBe('Succeeded');
  });

  it('restores to what was backed up when the original is deleted and its location gone', {
    timeout: 120_000,
  }, async () => {
    expect((await runToEnd(service, deleteRequest(fixture.source, second))).state).toBe('Succeeded');
    const backups = folderOf(fixture.source.environment.backups.location);
    await rename(backups, `${backups}-gone`);
    const target = fixture.newEnvironment('from-copy');
    const request = restoreRequest(fixture.source, second, target);
    const from = { ...request, backup: { ...request.backup, location: locationOf('copies') } };
    expect(await runToEnd(service, from)).toMatchObject({ state: 'Succeeded' });
    expect((await compareEnvironments({ a: fixture.source, b: target })).differences).toEqual([]);
    await rm(backups, { recursive: true, force: true });
    await rename(`${backups}-gone`, backups);
  });

  it('that is damaged is noticed by a verification and by a restore', async () => {
    const objects = join(folderOf(locationOf('copies')), `retail/prd/backups/${second}/objects`);
    const [damaged = ''] = await filesBelow(objects);
    await appendFile(join(objects, damaged), 'x');
    const { problems } = await verify(service, fixture.source, second, locationOf('copies'));
    expect(problems).toEqual([expect.stringContaining(damaged)]);
    const request = restoreRequest(fixture.source, second, fixture.newEnvironment('from-damaged-copy'));
    const from = { ...request, backup: { ...request.backup, location: locationOf('copies') } };
    expect(await runToEnd(service, from)).toMatchObject({
      state: 'Failed',
      error: { code: 'integrity.mismatch' },
    });
  });

  it('of another backup under the same id is not restored', async () => {
    const place = (folder: string, id: string) =>
      join(folderOf(locationOf(folder)), `retail/prd/backups/${id}`);
    // The original itself, carried elsewhere by hand: signed by us, but no copy that was made of what was sealed.
    await rm(place('copies', first), { recursive: true });
    const original = join(
      folderOf(fixture.source.environment.backups.location),
      `retail/prd/backups/${first}`,
    );
    await rename(original, place('copies', first));
    const request = restoreRequest(fixture.source, first, fixture.newEnvironment('from-carried'));
    const from = { ...request, backup: { ...request.backup, location: locationOf('copies') } };
    expect(await runToEnd(service, from)).toMatchObject({
      state: 'Failed',
      error: { code: 'manifest.replaced' },
    });
  });
});
