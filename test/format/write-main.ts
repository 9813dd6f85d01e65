import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { changeEnvironment, tiny } from '../fixtures/index.ts';
import { withClient } from '../fixtures/postgresql/connect.ts';
import { backupRequest, localFixture } from '../support/local-fixture.ts';
import { folderOf } from '../support/repository.ts';
import { runToEnd } from '../support/run-to-end.ts';
import { contentOf, type FormatFixture, packed } from './format-fixture.ts';

/**
 * `write-main.ts NAME`: keeps a backup location as today's code writes it, for tests of all later versions: a full backup and an
 * incremental one. To be run when the format gets something new, under a new name; what was kept is never written again.
 */
const [name] = process.argv.slice(2);
if (name === undefined || !/^v[\w.-]+$/.test(name)) throw new Error('Give it a name, such as v1.');
const spec = tiny({
  objectBytes: { median: 150, sigma: 1, max: 1500 },
  webContent: { rowsPerCompany: 3, charactersPerRow: 500 },
  awkwardRowsPerCompany: 10,
});
const fixture = await localFixture(spec);
try {
  const { databaseUrl, libraryFolder, environment } = fixture.source;
  // Large enough that several readers dump it, and nearly nothing once it is compressed.
  await withClient(databaseUrl, (client) =>
    client.query(
      `CREATE TABLE ${spec.schema}.large AS SELECT i, repeat('of several readers ', 50) AS text FROM generate_series(1, 12000) i`,
    ),
  );
  const service = await fixture.open(await fixture.settings());
  const backups: FormatFixture['backups'] = [];
  for (const step of [0, 1]) {
    if (step > 0)
      await changeEnvironment({ databaseUrl, libraryFolder }, spec, { step, replace: 2, add: 2, remove: 2 });
    const { runId, state } = await runToEnd(service, backupRequest(fixture.source));
    if (state !== 'Succeeded') throw new Error(`${runId} is ${state}.`);
    backups.push({ backupId: runId, content: await contentOf(fixture.source, spec.schema) });
  }
  const keys = [...(await service.trustedKeys())];
  await service.close();
  const kept: FormatFixture = { keys, backups, files: await packed(folderOf(environment.backups.location)) };
  await writeFile(fileURLToPath(new URL(`${name}.json`, import.meta.url)), `${JSON.stringify(kept)}\n`, {
    flag: 'wx',
  });
} finally {
  await fixture.remove();
}
