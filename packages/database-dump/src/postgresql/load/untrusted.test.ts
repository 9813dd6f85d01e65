import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import type { DatabaseDump } from '@lcb/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { awkwardDatabase } from '../../testing/awkward-database.ts';
import { MemoryStore } from '../../testing/memory-store.ts';
import { dumpRequest, keyOf, loadRequest } from '../../testing/requests.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { guestNames } from '../guest/guest-names.ts';

/** What tells who ran it: only a superuser's session may start a program on the server. */
const hostile = (folder: string) => `
CREATE FUNCTION leave(name text) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('COPY (SELECT 1) TO PROGRAM %L', 'cat > ${folder}/' || name);
  RETURN 1;
EXCEPTION WHEN OTHERS THEN
  RETURN 1;
END $$;
CREATE FUNCTION on_row(x int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN public.leave('index'); END $$;
CREATE FUNCTION on_plan(x int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN public.leave('plan'); END $$;
CREATE FUNCTION on_check(x int) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RETURN public.leave('check') = x; END $$;
CREATE TABLE t (x int CHECK (public.on_check(1)));
INSERT INTO t SELECT generate_series(1, 10);
CREATE INDEX of_rows ON t (public.on_row(x));
CREATE INDEX of_plans ON t (x) WHERE x > public.on_plan(1);
CREATE MATERIALIZED VIEW m AS SELECT public.leave('view');
`;

let server: TestServer;
let folder: string;
const store = new MemoryStore();
let dump: DatabaseDump;

beforeAll(async () => {
  server = await startTestServer();
  folder = await mkdtemp(join(tmpdir(), 'lcb-untrusted-'));
  await chmod(folder, 0o777);
  await server.create('source', hostile(folder));
  dump = await server.engine.dump(dumpRequest(server, 'source', store));
});
beforeEach(async () => {
  for (const name of await readdir(folder)) await rm(join(folder, name));
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

const untrusted = { untrusted: true } as const;
const guests = () =>
  server.value('postgres', `SELECT count(*)::int FROM pg_roles WHERE rolname LIKE 'lcb_import_%'`);

describe('what a stranger wrote', () => {
  it('runs with all rights of the user who restores it, when it is trusted', async () => {
    await server.engine.load(loadRequest(server, 'trusted', store, dump));
    expect(await readdir(folder)).toEqual(['check', 'index', 'plan', 'view']);
  });

  it('has no rights on the server when it is not, neither then nor afterwards', async () => {
    const first = await server.engine.load(loadRequest(server, 'copy', store, dump, untrusted));
    expect(first).toMatchObject({ tables: 1, rows: 10, differences: [] });
    expect(await server.engine.load(loadRequest(server, 'copy', store, dump, untrusted))).toEqual(first);
    expect(await readdir(folder)).toEqual([]);
    await server.run('copy', 'ANALYZE; REFRESH MATERIALIZED VIEW m; REINDEX TABLE t');
    expect(await readdir(folder)).toEqual([]);
    // Why the guest counts, and nobody else.
    await server.run('copy', 'SELECT count(*) FROM t');
    expect(await readdir(folder)).toEqual(['plan']);
    const { owner } = guestNames('copy');
    expect(
      await server.value('copy', `SELECT relowner::regrole::text FROM pg_class WHERE relname = 't'`),
    ).toBe(owner);
    expect(await guests()).toBe(0);
  });

  it('replaces what a stranger wrote before, also after a load that was killed', async () => {
    await server.engine.load(loadRequest(server, 'replaced', store, dump, untrusted));
    const request = loadRequest(server, 'replaced', store, dump, {
      ...untrusted,
      replaceExisting: true,
      runId: 'again',
    });
    const { guest } = guestNames('replaced');
    await server.run(
      'replaced',
      `CREATE ROLE ${guest} LOGIN; GRANT CREATE ON SCHEMA public TO ${guest}; SET ROLE ${guest}; CREATE TABLE half (x int)`,
    );
    expect(await server.engine.load(request)).toMatchObject({ tables: 1, rows: 10, differences: [] });
    expect(await readdir(folder)).toEqual([]);
    expect(await guests()).toBe(0);
  });

  it('is not begun by a user who can make no guest: nothing is emptied', async () => {
    await server.run('postgres', `CREATE ROLE wide LOGIN PASSWORD 'wide-secret'`);
    await server.run('postgres', 'GRANT pg_read_server_files TO wide');
    await server.run('postgres', 'CREATE DATABASE kept OWNER wide TEMPLATE template0');
    await server.run(
      'kept',
      'GRANT ALL ON SCHEMA public TO wide; SET ROLE wide; CREATE TABLE precious (x int)',
    );
    const url = server.connection('kept').url.replace(/\/\/[^@]*@/, '//wide@');
    const connection = { url, password: 'wide-secret' };
    const request = loadRequest(server, 'kept', store, dump, {
      ...untrusted,
      replaceExisting: true,
      connection,
    });
    await expect(server.engine.load(request)).rejects.toMatchObject({ code: 'sql.rightsTooWide' });
    expect(await server.value('kept', `SELECT count(*)::int FROM precious`)).toBe(0);
  });

  it('is counted also after a load that took longer than the guest may log in', async () => {
    const own = new MemoryStore();
    await server.create('slow source', `CREATE MATERIALIZED VIEW m AS SELECT pg_sleep(2)::text AS slept`);
    const made = await server.engine.dump(dumpRequest(server, 'slow source', own));
    const loading = server.engine.load(loadRequest(server, 'slow', own, made, untrusted));
    const { guest } = guestNames('slow');
    const isLoading = `SELECT count(*)::int FROM pg_stat_activity WHERE usename = '${guest}' AND query ILIKE 'REFRESH%'`;
    await expect.poll(() => server.value('postgres', isLoading), { timeout: 10_000 }).toBe(1);
    await server.run('postgres', `ALTER ROLE ${guest} VALID UNTIL '2001-01-01'`);
    expect(await loading).toMatchObject({ differences: [] });
  });

  it('leaves nothing on the server when its restore is undone', async () => {
    await server.engine.load(loadRequest(server, 'undone', store, dump, untrusted));
    const { connection, runId } = loadRequest(server, 'undone', store, dump);
    await server.engine.dropTarget(connection, runId);
    const { owner } = guestNames('undone');
    expect(
      await server.value('postgres', `SELECT count(*)::int FROM pg_roles WHERE rolname = '${owner}'`),
    ).toBe(0);
  });
});

describe('reading what a stranger wrote', () => {
  beforeAll(() => server.engine.load(loadRequest(server, 'read', store, dump, untrusted)));

  it('dumps it as a guest, and says whose it is', async () => {
    expect(dump.untrusted).toBeUndefined();
    await server.run('source', 'SELECT count(*) FROM t');
    expect(await readdir(folder)).toEqual(['plan']);
    await rm(join(folder, 'plan'));

    const again = await server.engine.dump(dumpRequest(server, 'read', new MemoryStore()));
    expect(again).toMatchObject({ untrusted: true, tables: { rows: 10, sourceRows: 10 } });
    expect(await readdir(folder)).toEqual([]);
    expect(await guests()).toBe(0);
  });

  it('knows it also where a user loaded it who needs no guest, and runs it with no rights elsewhere', async () => {
    await server.run('postgres', `CREATE ROLE harmless LOGIN PASSWORD 'harmless-secret'`);
    await server.run('postgres', 'CREATE DATABASE harmless OWNER harmless TEMPLATE template0');
    const url = server.connection('harmless').url.replace(/\/\/[^@]*@/, '//harmless@');
    const connection = { url, password: 'harmless-secret' };
    await server.engine.load(loadRequest(server, 'harmless', store, dump, { ...untrusted, connection }));
    const comment = () =>
      server.value(
        'harmless',
        `SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = 'harmless'`,
      );
    expect(await comment()).toMatch(/^lcb restore \S+ loaded [0-9a-f]{64} untrusted$/);

    const own = new MemoryStore();
    const nightly = await server.engine.dump(dumpRequest(server, 'harmless', own, { connection }));
    expect(nightly.untrusted).toBe(true);
    await server.engine.load(loadRequest(server, 'elsewhere', own, nightly, untrusted));
    // Also where a superuser reads what a harmless user owns.
    const asSuperuser = await server.engine.dump(dumpRequest(server, 'harmless', new MemoryStore()));
    expect(asSuperuser).toMatchObject({ untrusted: true, tables: { rows: 10 } });
    expect(await readdir(folder)).toEqual([]);

    const plain = new MemoryStore();
    await server.create('plain source', 'CREATE TABLE plain (x int)');
    const trusted = await server.engine.dump(dumpRequest(server, 'plain source', plain));
    await server.engine.load(
      loadRequest(server, 'harmless', plain, trusted, { connection, replaceExisting: true, runId: 'other' }),
    );
    expect(await comment()).toMatch(/^lcb restore other loaded [0-9a-f]{64}$/);
    const script = { name: '1.sql', sql: 'CREATE TABLE added (x int)' };
    const { signal } = new AbortController();
    await server.engine.runScripts({ connection, scripts: [script], signal });
    expect(await comment()).toMatch(/^lcb restore other loaded [0-9a-f]{64} untrusted$/);
    const scripted = await server.engine.dump(
      dumpRequest(server, 'harmless', new MemoryStore(), { connection }),
    );
    expect(scripted.untrusted).toBe(true);
  });

  it('does so among the tables of others, and as nobody else', async () => {
    await server.engine.load(loadRequest(server, 'mixed', store, dump, untrusted));
    await server.run(
      'mixed',
      `CREATE SCHEMA others; CREATE TABLE others.later AS SELECT 1 AS id; GRANT CREATE ON DATABASE mixed TO PUBLIC;
       CREATE TABLE public.hidden AS SELECT 1 AS id; ALTER TABLE public.hidden ENABLE ROW LEVEL SECURITY`,
    );
    const again = await server.engine.dump(dumpRequest(server, 'mixed', new MemoryStore()));
    expect(again).toMatchObject({ untrusted: true, tables: { count: 3, rows: 12, sourceRows: 12 } });
    expect(await readdir(folder)).toEqual([]);
    expect(await guests()).toBe(0);

    await server.run('postgres', `CREATE ROLE maker LOGIN CREATEROLE PASSWORD 'maker-secret'`);
    await server.run('mixed', 'GRANT USAGE ON SCHEMA others TO maker; GRANT SELECT ON others.later TO maker');
    const url = server.connection('mixed').url.replace(/\/\/[^@]*@/, '//maker@');
    const asMaker = dumpRequest(server, 'mixed', new MemoryStore(), {
      connection: { url, password: 'maker-secret' },
    });
    await expect(server.engine.dump(asMaker)).rejects.toMatchObject({
      code: expect.stringMatching(/^(sql.rightsTooWide|database.permission)$/),
    });
  });

  it('reads and clears its rows as a guest', async () => {
    const tables = `CREATE TABLE dlfileversionpreview (id int, companyid bigint);
INSERT INTO dlfileversionpreview VALUES (1, 2);
CREATE FUNCTION on_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM public.leave('trigger'); RETURN OLD; END $$;
CREATE TRIGGER of_rows BEFORE DELETE ON dlfileversionpreview FOR EACH ROW EXECUTE FUNCTION on_delete();
CREATE TABLE dlfolder (folderid bigint);
CREATE INDEX of_folders ON dlfolder (folderid) WHERE folderid > public.on_plan(1);
`;
    await server.create('generated source', hostile(folder) + tables);
    const own = new MemoryStore();
    const made = await server.engine.dump(dumpRequest(server, 'generated source', own));
    await server.engine.load(loadRequest(server, 'generated', own, made, untrusted));
    await Promise.all((await readdir(folder)).map((name) => rm(join(folder, name))));

    const { connection, backupPrefix, signal } = loadRequest(server, 'generated', own, made);
    const request = { connection, store: own, prefix: backupPrefix, folder: 'rows/', signal };
    expect(await server.engine.exportLibraryRows(request)).toMatchObject([{ table: 'DLFolder', rows: 0 }]);
    expect(await server.engine.clearGeneratedRows(connection)).toEqual({ rows: 1 });
    expect(await readdir(folder)).toEqual([]);
    // What others add does not change who asks: neither for what strangers made nor for the rest.
    await server.run(
      'generated',
      `INSERT INTO dlfileversionpreview VALUES (2, 2);
       CREATE SCHEMA others; CREATE TABLE others.amimageentry (id int, companyid bigint);
       INSERT INTO others.amimageentry VALUES (1, 2); ALTER TABLE others.amimageentry ENABLE ROW LEVEL SECURITY`,
    );
    await Promise.all((await readdir(folder)).map((name) => rm(join(folder, name))));
    expect(await server.engine.exportLibraryRows(request)).toMatchObject([{ table: 'DLFolder', rows: 0 }]);
    expect(await server.engine.clearGeneratedRows(connection)).toEqual({ rows: 2 });
    const mixed = await server.engine.dump(dumpRequest(server, 'generated', new MemoryStore()));
    expect(mixed).toMatchObject({ untrusted: true, tables: { count: 4, rows: 10, sourceRows: 10 } });
    expect(await readdir(folder)).toEqual([]);
    expect(await guests()).toBe(0);
    const trusted = server.connection('generated source');
    expect(await server.engine.clearGeneratedRows(trusted)).toEqual({ rows: 1 });
    expect(await readdir(folder)).toEqual(['trigger']);
  });
});

it('loads all that an ordinary dump holds', async () => {
  await server.create('awkward', awkwardDatabase);
  const own = new MemoryStore();
  const made = await server.engine.dump(dumpRequest(server, 'awkward', own));
  const trusted = await server.engine.load(loadRequest(server, 'awkward 1', own, made));
  const load = await server.engine.load(loadRequest(server, 'awkward 2', own, made, untrusted));
  expect({ ...load, database: '' }).toEqual({ ...trusted, database: '' });
  expect(load.differences).toEqual([]);
});

it('says that a backup is damaged, and not what its text looks like', async () => {
  const own = new MemoryStore();
  const made = await server.engine.dump(dumpRequest(server, 'source', own));
  const path = made.parts[0]?.path ?? '';
  own.damage(keyOf(path), () => zstdCompressSync('CREATE ROLE mighty SUPERUSER;\n'));
  const loading = server.engine.load(loadRequest(server, 'damaged', own, made, untrusted));
  await expect(loading).rejects.toThrow(path);
  await expect(loading).rejects.toMatchObject({ code: 'integrity.mismatch' });
});
