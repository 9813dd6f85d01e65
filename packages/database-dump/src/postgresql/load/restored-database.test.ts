import { type DatabaseDump, type DatabaseLocale, databaseDumpSchema } from '@lcb/core';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { MemoryStore } from '../../testing/memory-store.ts';
import { dumpRequest, loadRequest } from '../../testing/requests.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
let plainDump: DatabaseDump;
const plain = new MemoryStore();
beforeAll(async () => {
  server = await startTestServer();
  await server.create('plain', 'CREATE TABLE t (i int)');
  plainDump = await server.engine.dump(dumpRequest(server, 'plain', plain));
});
afterAll(() => server?.stop());

/** Dumps a database and loads it into `{database} copy`. */
async function copyDatabase(database: string) {
  const store = new MemoryStore();
  const dump = await server.engine.dump(dumpRequest(server, database, store));
  expect(databaseDumpSchema.parse(dump)).toEqual(dump);
  const load = await server.engine.load(loadRequest(server, `${database} copy`, store, dump));
  return { dump, load };
}

/** How a database was created: encoding, provider and all its locale, under the names of the server's major. */
const creationOf = (database: string) =>
  server.value(
    'postgres',
    `SELECT (to_jsonb(d) - ARRAY['oid', 'datname', 'datfrozenxid', 'datminmxid'])::text
     FROM pg_database d WHERE datname = '${database}'`,
  );

const needs = (context: TestContext, major: number) => {
  if (server.major < major) context.skip(`the server is PostgreSQL ${server.major}, older than ${major}`);
};

describe('the locale of a restored database', () => {
  it.for([
    {
      name: 'latin',
      since: 13,
      options: `ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'`,
      locale: { provider: 'libc', encoding: 'LATIN1', collate: 'C', characterType: 'C' },
    },
    {
      name: 'icu',
      since: 15,
      options: `ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'de-AT' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'`,
      locale: { provider: 'icu', name: 'de-AT', encoding: 'UTF8', collate: 'C', characterType: 'C.UTF-8' },
    },
    {
      name: 'rules',
      since: 16,
      options: `ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'und' ICU_RULES '&b < ''a'''  LC_COLLATE 'C' LC_CTYPE 'C'`,
      locale: { provider: 'icu', name: 'und', rules: `&b < 'a'` },
    },
    {
      name: 'builtin',
      since: 17,
      options: `ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LC_COLLATE 'C' LC_CTYPE 'C'`,
      locale: { provider: 'builtin', name: 'C.UTF-8', encoding: 'UTF8', collate: 'C', characterType: 'C' },
    },
  ])('is the same: $name', async ({ name, since, options, locale }, context) => {
    needs(context, since);
    await server.run('postgres', `CREATE DATABASE ${name} TEMPLATE template0 ${options}`);
    await server.run(name, `CREATE TABLE t (x text); INSERT INTO t VALUES ('ä'), ('b'), ('a'), ('Z')`);
    const { dump } = await copyDatabase(name);
    expect(dump.locale).toMatchObject(locale);
    expect(await creationOf(`${name} copy`)).toBe(await creationOf(name));
    const sorted = `SELECT string_agg(x, '' ORDER BY x) FROM t`;
    expect(await server.value(`${name} copy`, sorted)).toBe(await server.value(name, sorted));
  });

  it.for<{ readonly since: number; readonly locale: DatabaseLocale; readonly says: string }>([
    {
      since: 13,
      locale: { provider: 'libc', encoding: 'UTF8', collate: 'tlh_QO.UTF-8', characterType: 'C' },
      says: 'LC_COLLATE "tlh_QO.UTF-8"',
    },
    {
      since: 13,
      locale: { provider: 'libc', encoding: 'LATIN1', collate: 'C.UTF-8', characterType: 'C.UTF-8' },
      says: 'the encoding LATIN1',
    },
    {
      since: 16,
      locale: { provider: 'icu', name: 'qqq-QO', encoding: 'UTF8', collate: 'C', characterType: 'C' },
      says: 'the locale "qqq-QO" of ICU',
    },
    {
      since: 15,
      locale: { provider: 'icu', name: 'de', encoding: 'MULE_INTERNAL', collate: 'C', characterType: 'C' },
      says: 'the encoding MULE_INTERNAL',
    },
    {
      since: 17,
      locale: { provider: 'builtin', name: 'C.QO', encoding: 'UTF8', collate: 'C', characterType: 'C' },
      says: 'the builtin locale "C.QO"',
    },
  ])('can be one that the server lacks: $says', async ({ since, locale, says }, context) => {
    needs(context, since);
    const request = loadRequest(server, 'lacking', plain, { ...plainDump, locale });
    const loading = server.engine.load(request);
    await expect(loading).rejects.toMatchObject({ code: 'database.localeMissing', retryable: false });
    await expect(loading).rejects.toThrow(says);
    expect(await server.engine.targetState(request.connection, request.runId)).toBe('absent');
  });
});

describe('the settings of a restored database', () => {
  const settingsOf = (database: string) =>
    server.value(
      database,
      `SELECT ARRAY(SELECT entry FROM unnest(setconfig) AS entry ORDER BY entry COLLATE "C") FROM pg_db_role_setting
       WHERE setrole = 0 AND setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    );
  it('are those of the backup, apart from what names roles and libraries of a server', async () => {
    await server.create(
      'set',
      String.raw`CREATE SCHEMA "My, Schema"; CREATE TABLE "My, Schema".inside (tags text[]);
       INSERT INTO "My, Schema".inside VALUES ('{NULL,"NULL"}');
       CREATE ROLE somebody; GRANT somebody TO postgres;
       ALTER DATABASE set SET search_path = "$user", "My, Schema", "say ""so""", 'it''s', public;
       ALTER DATABASE set SET "TimeZone" = 'Europe/Berlin';
       ALTER DATABASE set SET statement_timeout = '90min';
       ALTER DATABASE set SET myapp.path = E'C:\\temp, "a"=''b''';
       ALTER DATABASE set SET default_transaction_read_only = on;
       ALTER DATABASE set SET array_nulls = off;
       ALTER DATABASE set SET standard_conforming_strings = off;
       ALTER DATABASE set SET temp_tablespaces = pg_default;
       ALTER DATABASE set SET session_preload_libraries = plpgsql;
       ALTER ROLE somebody IN DATABASE set SET work_mem = '77MB';`,
    );
    const searchPath = `"$user", "My, Schema", "say ""so""", "it's", public`;
    const { dump, load } = await copyDatabase('set');
    expect(dump.settings).toEqual([
      { name: 'TimeZone', value: 'Europe/Berlin' },
      { name: 'array_nulls', value: 'off' },
      { name: 'default_transaction_read_only', value: 'on' },
      { name: 'myapp.path', value: `C:\\temp, "a"='b'` },
      { name: 'search_path', value: searchPath },
      { name: 'session_preload_libraries', value: 'plpgsql' },
      { name: 'standard_conforming_strings', value: 'off' },
      { name: 'statement_timeout', value: '90min' },
      { name: 'temp_tablespaces', value: 'pg_default' },
    ]);
    expect(load.settingsLeftOut).toEqual([
      { name: 'session_preload_libraries', reason: 'ofServer' },
      { name: 'temp_tablespaces', reason: 'ofServer' },
    ]);
    expect(load.differences).toEqual([]);
    // The database itself, and not what a session of ours was told.
    expect(await server.value('set copy', 'SHOW search_path')).toBe(searchPath);
    expect(await server.value('set copy', 'SELECT tags::text FROM inside')).toBe('{NULL,"NULL"}');
    const given = dump.settings.filter(({ name }) => !load.settingsLeftOut.some((one) => one.name === name));
    expect(await settingsOf('set copy')).toEqual(given.map(({ name, value }) => `${name}=${value}`));
  });

  it('are left out where the target has no such setting, or the user may not', async () => {
    await server.run('postgres', `CREATE ROLE restorer LOGIN CREATEDB PASSWORD 'restorer-secret'`);
    const settings = [
      { name: 'log_min_duration_statement', value: '0' },
      { name: 'no_such_setting', value: 'secret value' },
      { name: 'search_path', value: 'a, "B"' },
      { name: 'work_mem', value: 'much' },
    ];
    const url = server.connection('plain copy').url.replace(/\/\/[^@]*@/, '//restorer@');
    const connection = { url, password: 'restorer-secret' };
    const dump = { ...plainDump, settings };
    const load = await server.engine.load(loadRequest(server, 'plain copy', plain, dump, { connection }));
    expect(load.settingsLeftOut).toEqual([
      { name: 'log_min_duration_statement', reason: 'notPermitted' },
      { name: 'no_such_setting', reason: 'unknown' },
      { name: 'work_mem', reason: 'invalid' },
    ]);
    expect(await settingsOf('plain copy')).toEqual(['search_path=a, "B"']);
  });
});

describe('a source that gives backslashes a meaning', () => {
  it('is dumped and counted completely, with large objects that have comments and rights', async () => {
    await server.create(
      'backslashes',
      String.raw`ALTER DATABASE backslashes SET standard_conforming_strings = off;
       ALTER DATABASE backslashes SET escape_string_warning = off;
       CREATE TABLE t (x text DEFAULT E'\\'';\nCOPY public.fake (a) FROM stdin;\n');
       INSERT INTO t VALUES (E'C:\\temp\\'), (E'\\.'), (DEFAULT);
       CREATE VIEW v AS SELECT E'\\' AS a, E'it''s \\''; -- ' AS b FROM t;
       CREATE FUNCTION f() RETURNS text LANGUAGE sql AS E'SELECT E''\\\\''';
       COMMENT ON TABLE t IS E'ends in \\';
       CREATE SEQUENCE "s\"; CREATE SEQUENCE unused;
       DO $do$ DECLARE lo oid; BEGIN
         FOR i IN 1..3 LOOP
           lo := lo_from_bytea(0, decode('5c275c5c00ff0a', 'hex'));
           EXECUTE format('COMMENT ON LARGE OBJECT %s IS %L', lo, E'it''s; \\''\nSELECT pg_catalog.lo_create(1);');
           IF i < 3 THEN EXECUTE format('GRANT SELECT ON LARGE OBJECT %s TO PUBLIC', lo); END IF;
         END LOOP;
       END $do$;`,
    );
    const { dump, load } = await copyDatabase('backslashes');
    expect(dump).toMatchObject({
      tables: { count: 1, rows: 3, sourceRows: 3 },
      sequences: { count: 2, sourceCount: 2 },
      largeObjects: { count: 3, sourceCount: 3 },
    });
    expect(load).toMatchObject({ differences: [], largeObjects: 3, sequences: 2, settingsLeftOut: [] });
    const content = `SELECT jsonb_build_object('t', (SELECT jsonb_agg(x) FROM t), 'v', (SELECT jsonb_agg(v) FROM v), 'f', f(),
       'comment', obj_description('t'::regclass), 'objects', (SELECT jsonb_agg(ARRAY[oid::text, encode(lo_get(oid), 'hex'),
         obj_description(oid, 'pg_largeobject')] ORDER BY oid) FROM pg_largeobject_metadata))::text`;
    const expected = await server.value('backslashes', content);
    expect(expected).toContain('5c275c5c00ff0a');
    expect(await server.value('backslashes copy', content)).toBe(expected);
  });
});
