import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { environmentSchema, rebuildCatalog, verifyLocation } from '@lcb/core';
import type { LocalService } from '@lcb/functions-local';
import { localSigner } from '@lcb/provider-local';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tiny } from '../fixtures/index.ts';
import { type LocalFixture, localFixture, project, restoreRequest } from '../support/local-fixture.ts';
import { runToEnd } from '../support/run-to-end.ts';
import { contentOf, type FormatFixture, formatFixtureSchema, unpack } from './format-fixture.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const kept = (await readdir(folder)).filter((file) => /^v.*\.json$/.test(file)).sort();

it('there are backups of earlier versions', () => {
  expect(kept).toContain('v1.json');
});

describe.each(kept)('backups as %s has them', (file) => {
  let fixture: LocalFixture;
  let service: LocalService;
  let written: FormatFixture;
  let location: string;

  beforeAll(async () => {
    written = formatFixtureSchema.parse(JSON.parse(await readFile(join(folder, file), 'utf8')));
    fixture = await localFixture();
    const backups = join(fixture.folder, 'kept-backups');
    await unpack(written.files, backups);
    location = pathToFileURL(backups).href;
    const settings = await fixture.settings();
    const keys = join(settings.stateDirectory, 'keys');
    await mkdir(keys, { recursive: true });
    await writeFile(join(keys, 'trusted-keys.json'), JSON.stringify({ keys: written.keys }));
    // Another installation signs by now, without the private keys of then.
    await localSigner({ directory: keys, clock: { now: () => new Date().toISOString() } }).rotate();
    service = await fixture.open(settings);
  });
  afterAll(async () => {
    await service?.close();
    await fixture?.remove();
  });

  it('verify, every byte', async () => {
    const { ok, environments, strangers } = await verifyLocation({
      store: service.provider.objectStore(location),
      trustedKeys: written.keys,
      level: 'full',
      sample: { size: 1, seed: 'none' },
      concurrency: 4,
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
    const problems = environments.flatMap(({ backups }) =>
      backups.flatMap((backup) => backup.problems.texts),
    );
    expect({ ok, problems, strangers: strangers.count }).toEqual({ ok: true, problems: [], strangers: 0 });
    expect(environments.flatMap(({ backups }) => backups.map(({ backupId }) => backupId))).toEqual(
      written.backups.map(({ backupId }) => backupId),
    );
  });

  it('come back into a catalog that was lost, and restore to what was backed up', async () => {
    const declared = environmentSchema.parse({ ...fixture.source.environment, backups: { location } });
    const [rebuilt] = await rebuildCatalog({
      store: service.provider.objectStore(location),
      location,
      trustedKeys: await service.trustedKeys(),
      declared: [declared],
      choice: { projectId: project },
      catalog: service.catalog,
      signer: service.signer,
      clock: service.clock,
      actor: 'the test',
      correlationId: 'format',
    });
    expect(rebuilt?.backups).toEqual(
      written.backups.map(({ backupId }) => ({ backupId, outcome: 'created' })),
    );
    const source = { ...fixture.source, environment: declared };
    for (const [number, { backupId, content }] of written.backups.entries()) {
      const target = fixture.newEnvironment(`restored-${number}`);
      expect(await runToEnd(service, restoreRequest(source, backupId, target))).toMatchObject({
        state: 'Succeeded',
      });
      expect(await contentOf(target, tiny().schema)).toEqual(content);
    }
  });
});
