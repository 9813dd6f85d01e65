import { expect, it } from 'vitest';
import { migrateCatalog } from './migrate-catalog.ts';
import { migrations } from './migrations/index.ts';
import { openCatalog } from './open-catalog.ts';
import { loginPassword, useCatalogServer, withPostgres } from './testing/catalog-server.ts';
import { backupRequest, environment, roomy } from './testing/examples.ts';

withPostgres('migrations of the catalog', () => {
  const server = useCatalogServer();
  const names = Object.keys(migrations);

  it('is applied once, and not at all the second time', async () => {
    const url = server.url({ database: await server.emptyDatabase() });
    expect(await migrateCatalog({ url })).toEqual(names);
    expect(await migrateCatalog({ url })).toEqual([]);
  });

  it('is applied by one of five processes that start at once', async () => {
    const url = server.url({ database: await server.emptyDatabase() });
    const applied = await Promise.all(Array.from({ length: 5 }, () => migrateCatalog({ url })));
    expect(applied.flat()).toEqual(names);
  });

  it('lets a login that is no superuser migrate several databases of a new cluster at once, and use them', async () => {
    const admin = await server.connect('postgres');
    // A cluster without our roles: what the suite's own template owns has to go with them.
    await admin.query('drop database catalog with (force)');
    for (const { datname } of (
      await admin.query("select datname from pg_database where datname like 'test_%'")
    ).rows) {
      await admin.query(`drop database ${datname} with (force)`);
    }
    await admin.query('drop role lcb_owner, lcb_app, lcb_platform');
    await admin.query(`create role deployer login createrole nosuperuser password '${loginPassword}'`);
    const databases: string[] = [];
    for (let count = 0; count < 5; count += 1) databases.push(await server.emptyDatabase('deployer'));
    const urls = databases.map((database) => server.url({ database, user: 'deployer' }));
    const applied = await Promise.all(
      urls.flatMap((url) => [migrateCatalog({ url }), migrateCatalog({ url })]),
    );
    expect(applied.flat().toSorted()).toEqual(names.flatMap((name) => Array<string>(5).fill(name)));

    await admin.query(
      `create role service login nosuperuser password '${loginPassword}' in role lcb_app, lcb_platform`,
    );
    for (const user of ['deployer', 'service']) {
      const catalog = await openCatalog({ url: server.url({ database: databases[0] ?? '', user }) });
      const project = catalog.forProject('retail');
      await project.declareEnvironment(environment());
      const { run } = await project.recordRequest(
        backupRequest({ environment: user, source: environment('retail', user) }),
      );
      expect(await catalog.platform.admit(roomy)).toMatchObject([{ runId: run.runId }]);
      await catalog.close();
    }

    const service = await server.connect(databases[0] ?? '', 'service');
    await expect(service.query('set role lcb_owner')).rejects.toThrow(/permission denied/);
    await expect(service.query('select * from lcb.runs')).resolves.toMatchObject({ rows: [] });
  });

  it('forces row-level security on every table but those of the migrations', async () => {
    const database = await server.emptyDatabase();
    await migrateCatalog({ url: server.url({ database }) });
    const admin = await server.connect(database);
    const { rows } = await admin.query(`
      select relname, relrowsecurity and relforcerowsecurity as forced, pg_get_userbyid(relowner) as owner
      from pg_class where relnamespace = 'lcb'::regnamespace and relkind = 'r' order by relname`);
    expect(rows.filter(({ owner }) => owner !== 'lcb_owner')).toEqual([]);
    expect(rows.filter(({ forced }) => !forced).map(({ relname }) => relname)).toEqual([
      'migrations',
      'migrations_lock',
    ]);
    expect(rows.length).toBeGreaterThan(2);
    const roles = await admin.query(
      `select rolsuper, rolbypassrls, rolcanlogin from pg_roles where rolname like 'lcb_%'`,
    );
    expect(roles.rows).toEqual(Array(3).fill({ rolsuper: false, rolbypassrls: false, rolcanlogin: false }));
  });

  it('refuses roles that could see every project', async () => {
    const database = await server.emptyDatabase();
    const admin = await server.connect(database);
    await admin.query('alter role lcb_app bypassrls');
    try {
      await expect(migrateCatalog({ url: server.url({ database }) })).rejects.toMatchObject({
        code: 'catalog.roleUnsafe',
        message: expect.stringContaining('lcb_app'),
      });
    } finally {
      await admin.query('alter role lcb_app nobypassrls');
    }
  });

  it('says what failed, and leaves nothing half done', async () => {
    const database = await server.emptyDatabase();
    const admin = await server.connect(database);
    await migrateCatalog({ url: server.url({ database }) });
    await admin.query(`delete from lcb.migrations where name >= '0002'`);
    await expect(migrateCatalog({ url: server.url({ database }) })).rejects.toMatchObject({
      code: 'catalog.failed',
      message: expect.stringContaining('"lease_epochs" already exists'),
    });
  });

  it('is asked for when a catalog is opened without it', async () => {
    const database = await server.emptyDatabase();
    const url = server.url({ database });
    await expect(openCatalog({ url })).rejects.toMatchObject({ code: 'catalog.notSetUp' });
    await migrateCatalog({ url });
    await (await server.connect(database)).query(`delete from lcb.migrations where name = $1`, [
      names.at(-1),
    ]);
    await expect(openCatalog({ url })).rejects.toMatchObject({ code: 'catalog.notMigrated' });
  });

  it('asks for the password that a server wants', async () => {
    const url = new URL(server.url({ database: 'postgres' }));
    url.password = '';
    await expect(openCatalog({ url: url.href })).rejects.toMatchObject({
      code: 'catalog.notSetUp',
      message: expect.stringContaining('password'),
    });
  });

  it('tells a wrong URL from a server that is not there, and repeats no password', async () => {
    const wrong = openCatalog({ url: 'mysql://ada:secret@localhost/catalog' });
    await expect(wrong).rejects.toMatchObject({
      code: 'request.invalid',
      message: expect.not.stringContaining('secret'),
    });
    await expect(openCatalog({ url: 'postgres://ada:secret@127.0.0.1:9/catalog' })).rejects.toMatchObject({
      code: 'catalog.unavailable',
      retryable: true,
      message: expect.not.stringContaining('secret'),
    });
  });
});
