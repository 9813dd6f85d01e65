import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { environmentSchema, type RunRequest } from '@lcb/core';
import { findMariadb } from '@lcb/database-dump/testing';
import { requireOrSkip } from '@lcb/embedded-postgres/testing';
import type { LocalService } from '@lcb/functions-local';
import { type HookServer, hookServer } from '@lcb/hooks/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tiny } from '../../fixtures/index.ts';
import { movedTo, storesOf, uploadFolder } from '../../support/bucket-fixture.ts';
import type { DatabaseKind } from '../../support/fixture-database.ts';
import { hooked } from '../../support/hooked.ts';
import {
  backupRequest,
  type LocalFixture,
  localFixture,
  type PlacedEnvironment,
  restoreRequest,
} from '../../support/local-fixture.ts';
import { runToEnd } from '../../support/run-to-end.ts';
import { versitygwProgram } from '../../support/s3-programs.ts';
import { type S3Server, startS3Server } from '../../support/s3-server.ts';
import { SecretSearch } from '../../support/secret-search.ts';

const bucket = 'secrets';
const planted = {
  'the hook secret': `whsec_${randomBytes(24).toString('base64')}`,
  'a wrong S3 secret key': randomBytes(20).toString('hex'),
  'a wrong database password': `p@ss/${randomBytes(12).toString('hex')}`,
};

const withVersitygw = await requireOrSkip('versitygw, MariaDB and /proc', async () => {
  await findMariadb();
  await versitygwProgram();
  if (process.platform !== 'linux') throw new Error('only Linux has /proc');
});
withVersitygw('secrets, with a database on PostgreSQL', () => describeSecrets('postgresql'));
withVersitygw('secrets, with a database on MariaDB', () => describeSecrets('mariadb'));

function describeSecrets(database: DatabaseKind): void {
  let fixture: LocalFixture;
  let server: S3Server;
  let hooks: HookServer;
  let service: LocalService;
  let search: SecretSearch;
  let source: PlacedEnvironment;
  let catalogUrl: string;
  let edges = 0;
  beforeAll(async () => {
    [fixture, server, hooks] = await Promise.all([
      localFixture(tiny(), { database }),
      startS3Server('versitygw'),
      hookServer(),
    ]);
    await server.createBucket(bucket);
    await uploadFolder(server, fixture.source.libraryFolder, bucket, 'library/');
    process.env.LCB_TEST_HOOK_SECRET = planted['the hook secret'];
    process.env.LCB_TEST_S3_WRONG = planted['a wrong S3 secret key'];
    process.env.LCB_TEST_DATABASE_WRONG = planted['a wrong database password'];
    const stores = storesOf(server, bucket).flatMap((store) => [
      store,
      { ...store, location: 's3://nowhere' },
      { ...store, location: `s3://${bucket}/locked`, secretAccessKey: 'env:LCB_TEST_S3_WRONG' },
    ]);
    const settings = await fixture.settings({}, stores);
    if (settings.catalog.kind !== 'postgresql') throw new Error('The catalog is elsewhere.');
    catalogUrl = settings.catalog.url;
    search = new SecretSearch({
      ...planted,
      "the database's password": passwordOf(fixture.source.databaseUrl),
      "the catalog's password": passwordOf(catalogUrl),
      'the S3 secret key': server.secretAccessKey,
    });
    service = await fixture.open(
      settings,
      async (event) => {
        search.look('an event', `${JSON.stringify(event)}${inspect(event, { depth: 20 })}`);
        if (event.kind !== 'step') return;
        edges += 1;
        await search.processes();
      },
      { sleep: async () => undefined },
    );
    source = withSecret(
      hooked(
        movedTo(fixture.source, { library: `s3://${bucket}/library`, backups: `s3://${bucket}/backups` }),
        hooks,
      ),
    );
  });
  afterAll(async () => {
    await service.close();
    await hooks.close();
    await fixture.remove();
    await server.stop();
  });

  /** The same environment, whose hooks are called signed. */
  function withSecret(place: PlacedEnvironment): PlacedEnvironment {
    const { quiesce, resume, reindex } = place.environment.hooks ?? {};
    const secret = 'env:LCB_TEST_HOOK_SECRET';
    const signed = {
      quiesce: { ...quiesce, secret },
      resume: { ...resume, secret },
      reindex: { ...reindex, secret },
    };
    return { ...place, environment: environmentSchema.parse({ ...place.environment, hooks: signed }) };
  }

  function withDatabase(
    place: PlacedEnvironment,
    change: (url: URL) => void,
    secret?: string,
  ): PlacedEnvironment {
    const { database } = place.environment;
    if (database === undefined) throw new Error('It has none.');
    const url = new URL(database.url);
    change(url);
    const environment = environmentSchema.parse({
      ...place.environment,
      database: { ...database, url: url.href, ...(secret === undefined ? {} : { secret }) },
    });
    return { ...place, environment };
  }

  async function run(request: RunRequest, state: 'Succeeded' | 'Failed') {
    const ended = await runToEnd(service, request);
    expect([ended.state, state === 'Succeeded' ? ended.error : undefined]).toEqual([state, undefined]);
    search.look('a run', `${JSON.stringify(ended)}${inspect(ended, { depth: 20 })}`);
    return ended;
  }

  it('are nowhere in what runs wrote, said, or started, whether they succeed or fail', async () => {
    const backup = await run(backupRequest(source, { consistency: 'quiesce' }), 'Succeeded');
    const target = withSecret(hooked(fixture.newEnvironment('secrets'), hooks));
    await run(restoreRequest(source, backup.runId, target), 'Succeeded');
    expect(hooks.received.length).toBeGreaterThanOrEqual(3);
    expect(hooks.received.every(({ headers }) => headers['webhook-signature'] !== undefined)).toBe(true);

    const beside = { ...source, environment: { ...source.environment, hooks: undefined } };
    const wrongHost = withDatabase(beside, (url) => {
      url.port = '1';
    });
    const wrongPassword = withDatabase(beside, () => undefined, 'env:LCB_TEST_DATABASE_WRONG');
    await run(backupRequest(wrongHost), 'Failed');
    await run(backupRequest(wrongPassword), 'Failed');
    await run(backupRequest(movedTo(beside, { library: 's3://nowhere/library' })), 'Failed');
    await run(backupRequest(movedTo(beside, { library: `s3://${bucket}/locked` })), 'Failed');
    await run(
      restoreRequest(
        source,
        backup.runId,
        withDatabase(fixture.newEnvironment('wrong'), () => undefined, 'env:LCB_TEST_DATABASE_WRONG'),
      ),
      'Failed',
    );
    hooks.behave({ status: 500, body: 'no' });
    await run(backupRequest(source, { consistency: 'quiesce' }), 'Failed');

    await search.folder(fixture.folder);
    await search.bucket(server, bucket);
    const tables = await search.database(catalogUrl);
    expect(tables).toEqual(expect.arrayContaining(['dbos.operation_outputs', 'dbos.workflow_status']));
    expect(tables.some((table) => table.startsWith('lcb.'))).toBe(true);
    expect(edges).toBeGreaterThan(40);
    expect(search.bytes).toBeGreaterThan(1_000_000);
    expect([...new Set(search.found)]).toEqual([]);
  });

  it('would be found', () => {
    const [secret = ''] = Object.values(planted);
    const eager = new SecretSearch({ it: secret });
    for (const text of [secret, encodeURIComponent(secret), Buffer.from(`ab${secret}`).toString('base64')])
      eager.look('a text', `before ${text} after`);
    expect(eager.found.length).toBeGreaterThanOrEqual(3);
  });
}

function passwordOf(url: string): string {
  return decodeURIComponent(new URL(url).password);
}
