import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImportRequest } from '@lcb/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awkwardDatabase } from '../../testing/awkward-database.ts';
import { inChunks, plainDump } from '../../testing/plain-dump.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { guestNames } from '../guest/guest-names.ts';

const ownExtras = `
CREATE EXTENSION pg_trgm;
CREATE EXTENSION "uuid-ossp";
CREATE ROLE app_user;
CREATE ROLE app_owner;
ALTER TABLE parent OWNER TO app_owner;
GRANT SELECT ON parent TO app_user;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO app_user;
ALTER TABLE child ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON child USING (extra IS NOT NULL);
CREATE FUNCTION plain(n int) RETURNS int LANGUAGE sql RETURN n + 1;
CREATE FUNCTION atomic(n int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT CASE WHEN n > 1 THEN 2 ELSE 3 END; END;
CREATE PROCEDURE nothing() LANGUAGE plpgsql AS $$ BEGIN NULL; END $$;
CREATE AGGREGATE total (int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
CREATE INDEX odd_lines ON one_column ((lower(line))) WHERE line <> ';';
CREATE STATISTICS together (dependencies) ON id, at FROM events;
CREATE PUBLICATION all_of_it FOR ALL TABLES;
COMMENT ON DATABASE source IS 'with ; and ''';
ALTER DATABASE source SET search_path = public, lpartition_1;
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE COLLATION german (provider = libc, locale = 'C');
CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq);
CREATE CAST (mood AS int) WITH INOUT;
`;

let server: TestServer;
/** Where the server's own user may write, too. */
let folder: string;
beforeAll(async () => {
  server = await startTestServer();
  folder = await mkdtemp(join(tmpdir(), 'lcb-import-'));
  await chmod(folder, 0o777);
  await server.create('source', awkwardDatabase);
  await server.run('source', ownExtras);
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

let targets = 0;
async function emptyTarget(): Promise<string> {
  targets += 1;
  await server.create(`target ${targets}`, 'SELECT 1');
  return `target ${targets}`;
}

function importInto(database: string, dump: string, changes: Partial<ImportRequest> = {}): Promise<void> {
  return server.engine.importDump({
    connection: server.connection(database),
    source: inChunks(dump),
    name: 'upload.sql',
    signal: new AbortController().signal,
    onProgress: () => {},
    ...changes,
  });
}

const guests = () =>
  server.value('postgres', `SELECT count(*)::int FROM pg_roles WHERE rolname LIKE 'lcb_import_%'`);
const plainOptions = ['--no-owner', '--no-privileges', '--no-publications'];

describe('a dump of pg_dump', () => {
  it.each([
    ['as it comes', []],
    ['with --create', ['--create']],
    ['with --clean --create', ['--clean', '--create']],
    ['with --clean --if-exists', ['--clean', '--if-exists']],
    ['with --inserts', ['--inserts']],
    ['with --column-inserts', ['--column-inserts', '--on-conflict-do-nothing', '--rows-per-insert=3']],
    ['with --disable-triggers', ['--disable-triggers']],
    ['with --quote-all-identifiers', ['--quote-all-identifiers']],
    [
      'with --serializable-deferrable',
      ['--serializable-deferrable', '--no-comments', '--enable-row-security'],
    ],
  ])('made %s loads and is what it was', async (_, options) => {
    const target = await emptyTarget();
    const notices: string[] = [];
    await importInto(target, await plainDump(server, 'source', options), {
      onNotice: (notice) => notices.push(notice),
    });

    const [expected, found] = await Promise.all(
      ['source', target].map((database) => plainDump(server, database, plainOptions)),
    );
    const comparable = (dump = '') =>
      dump.replaceAll(/^\\(?:un)?restrict .*$/gm, '').replaceAll(/^--.*$/gm, '');
    if (!options.includes('--no-comments')) expect(comparable(found)).toBe(comparable(expected));
    expect(notices.join('\n')).toMatch(/Left out \d+ × ALTER TABLE/);
    expect(await guests()).toBe(0);
  });

  it('loads as a user that owns nothing else, without any other role', async () => {
    await server.run('postgres', `CREATE ROLE modest LOGIN PASSWORD 'modest-secret'`);
    await server.run('postgres', 'CREATE DATABASE "modest target" OWNER modest TEMPLATE template0');
    const url = server.connection('modest target').url.replace(/\/\/[^@]*@/, '//modest@');
    const connection = { url, password: 'modest-secret' };
    await importInto('modest target', await plainDump(server, 'source', []), { connection });
    expect(await server.value('modest target', 'SELECT count(*)::int FROM parent')).toBe(3);
    const owner = `SELECT relowner::regrole::text FROM pg_class WHERE relname = 'parent'`;
    expect(await server.value('modest target', owner)).toBe('modest');
  });
});

/** A function that a check calls for every row, so that its body runs while the dump is loaded. */
const running = (body: string) => `CREATE FUNCTION public.f(x int) RETURNS int LANGUAGE plpgsql AS $f$
BEGIN
  ${body}
  RETURN x;
END $f$;
CREATE TABLE public.t (x int CHECK (public.f(x) = x));
COPY public.t (x) FROM stdin;
1
\\.

`;

describe('a function in a dump that does more than the lexer can see', () => {
  it('does it as a superuser, and fails as a guest', async () => {
    const file = join(folder, 'program');
    const sql = running(`EXECUTE 'COPY (SELECT 1) TO PROGRAM ''cat > ${file}''';`);
    await server.create('victim', sql.replace(/COPY public.*$/s, 'INSERT INTO public.t VALUES (1)'));
    expect(await readdir(folder)).toContain('program');
    await rm(file);

    const target = await emptyTarget();
    await expect(importInto(target, sql)).rejects.toMatchObject({
      code: 'sql.failed',
      retryable: false,
      message: expect.stringMatching(
        /^upload.sql, line 7: COPY "public"."t" .*(?:permission denied|must be superuser)/,
      ),
    });
    expect(await readdir(folder)).toEqual([]);
    expect(await guests()).toBe(0);
  });

  it.each([
    [
      'makes a function with the rights of its owner',
      `EXECUTE 'CREATE OR REPLACE FUNCTION public.sd() RETURNS int LANGUAGE sql SECURITY DEFINER AS ''SELECT 1''';`,
      /has created the function (?:public\.)?sd\(\) with SECURITY DEFINER/,
    ],
    [
      'changes how literals are read',
      `PERFORM set_config('standard_conforming_strings', 'off', false);`,
      /line 7: .* has changed how the server reads literals/,
    ],
    [
      'changes how bytes are read',
      `PERFORM set_config('client_encoding', 'LATIN1', false);`,
      /line 7: .* has changed how the server reads literals or bytes/,
    ],
  ])('is found when it %s', async (_, body, message) => {
    const importing = importInto(await emptyTarget(), running(body));
    await expect(importing).rejects.toThrow(message);
    await expect(importing).rejects.toMatchObject({ code: 'sql.refused' });
    expect(await guests()).toBe(0);
  });

  it('never runs with the rights of a superuser afterwards', async () => {
    const file = join(folder, 'analyze');
    const body = `BEGIN EXECUTE 'COPY (SELECT 1) TO PROGRAM ''cat > ${file}'''; EXCEPTION WHEN OTHERS THEN NULL; END;`;
    const target = await emptyTarget();
    const index = `CREATE FUNCTION public.g(x int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN public.f(x); END';
CREATE INDEX i ON public.t (public.g(x));
`;
    await importInto(target, running(body) + index);
    await server.run(target, 'ANALYZE');
    expect(await readdir(folder)).toEqual([]);

    // What would happen if the superuser who loaded it became the owner.
    await server.run(target, 'ALTER TABLE t OWNER TO CURRENT_USER; ANALYZE t');
    expect(await readdir(folder)).toContain('analyze');
    await rm(file);
  });
});

describe('names that are also words of SQL', () => {
  const inSource = `
CREATE TABLE "drop" (id int PRIMARY KEY, "drop" int GENERATED ALWAYS AS IDENTITY, "owner" int UNIQUE, "trigger" int CHECK ("trigger" > 0));
CREATE TABLE "tablespace" (id int PRIMARY KEY, "drop" int REFERENCES "drop", "all" int);
CREATE SEQUENCE "owner";
CREATE TABLE columns (id int, "tablespace" int DEFAULT nextval('owner'), "drop" int DEFAULT nextval('owner'));
ALTER SEQUENCE "owner" OWNED BY columns."drop";
CREATE VIEW "alter" AS SELECT 1 AS "drop";
CREATE FUNCTION "drop"("drop" int) RETURNS int LANGUAGE sql AS 'SELECT 1';
ALTER TABLE columns ADD CONSTRAINT "tablespace" CHECK (id > 0) NOT VALID;
CREATE TRIGGER "drop" BEFORE UPDATE ON columns FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
ALTER TABLE columns DISABLE TRIGGER "drop";`;
  const definitions = `SELECT string_agg(one, E'\n' ORDER BY one) FROM (
    SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT adrelid::regclass || ' ' || adnum || ' ' || pg_get_expr(adbin, adrelid) FROM pg_attrdef
    UNION ALL SELECT attrelid::regclass || ' ' || attname || ' ' || attidentity::text FROM pg_attribute WHERE attidentity <> ''
    UNION ALL SELECT tgname || ' ' || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT objid::regclass || ' of ' || refobjid::regclass || ' ' || refobjsubid FROM pg_depend WHERE objid = 'owner'::regclass AND deptype = 'a'
  ) d (one)`;

  it.each([[[]], [['--clean', '--if-exists']]])('lose nothing (%j)', async (options) => {
    await server.run('postgres', 'DROP DATABASE IF EXISTS words');
    await server.create('words', inSource);
    const target = await emptyTarget();
    await importInto(target, await plainDump(server, 'words', options));
    const expected = await server.value('words', definitions);
    expect(expected).toContain('drop_pkey');
    expect(await server.value(target, definitions)).toBe(expected);
  });
});

describe('the guest', () => {
  it('is taken up again when a load was killed', async () => {
    const { guest } = guestNames('killed');
    await server.create(
      'killed',
      `CREATE ROLE ${guest} LOGIN; GRANT CREATE ON SCHEMA public TO ${guest}; SET ROLE ${guest}; CREATE TABLE half (x int)`,
    );
    const occupied = importInto('killed', 'SELECT 1;');
    await expect(occupied).rejects.toMatchObject({ code: 'database.targetOccupied' });
    await server.run('postgres', 'DROP DATABASE killed');
    await server.create('killed', 'SELECT 1');
    await importInto('killed', 'CREATE TABLE whole (x int);\n');
    expect(await guests()).toBe(0);
  });

  it('is swept when its database is gone', async () => {
    await server.run(
      'postgres',
      `CREATE ROLE lcb_import_0123456789abcdef LOGIN VALID UNTIL '2020-01-01'; CREATE ROLE lcb_owner_0123456789abcdef NOLOGIN`,
    );
    await importInto(await emptyTarget(), '');
    const left = `SELECT count(*)::int FROM pg_roles WHERE rolname LIKE '%0123456789abcdef'`;
    expect(await server.value('postgres', left)).toBe(0);
  });

  it('is made by a user that may create roles, who then has what was loaded', async () => {
    await server.run('postgres', `CREATE ROLE creator LOGIN CREATEDB CREATEROLE PASSWORD 'creator-secret'`);
    await server.run('postgres', 'CREATE DATABASE "creator target" OWNER creator TEMPLATE template0');
    const url = server.connection('creator target').url.replace(/\/\/[^@]*@/, '//creator@');
    const connection = { url, password: 'creator-secret' };
    await importInto('creator target', await plainDump(server, 'source', []), { connection });
    expect(await guests()).toBe(0);
    const readable = `SELECT has_table_privilege('creator', 'parent', 'SELECT')`;
    expect(await server.value('creator target', readable)).toBe(true);
  });

  it.each([
    ['reaches files', 'GRANT pg_read_server_files TO wide'],
    ['owns another database', 'CREATE DATABASE "of wide" OWNER wide'],
  ])('is needed where the user %s, and nothing is loaded without', async (_, statement) => {
    await server.run('postgres', `CREATE ROLE wide LOGIN PASSWORD 'wide-secret'`);
    await server.run('postgres', 'CREATE DATABASE "wide target" OWNER wide TEMPLATE template0');
    await server.run('postgres', statement);
    const url = server.connection('wide target').url.replace(/\/\/[^@]*@/, '//wide@');
    const importing = importInto('wide target', '', { connection: { url, password: 'wide-secret' } });
    await expect(importing).rejects.toMatchObject({ code: 'sql.rightsTooWide' });
    for (const database of ['wide target', 'of wide'])
      await server.run('postgres', `DROP DATABASE IF EXISTS "${database}"`);
    await server.run('postgres', 'DROP ROLE wide');
  });
});

it('leaves a mark, beside what somebody else has written there', async () => {
  const target = await emptyTarget();
  await server.run(target, `COMMENT ON DATABASE "${target}" IS 'ours'`);
  await importInto(target, 'CREATE TABLE public.x (a text);');
  const comment = `SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '${target}'`;
  expect(await server.value(target, comment)).toBe('lcb untrusted: ours');
});

it('reads literals as the server does', async () => {
  const target = await emptyTarget();
  const dump = `SET standard_conforming_strings = off;
CREATE TABLE public.x (a text);
INSERT INTO public.x VALUES ('it\\'s; --');
SET standard_conforming_strings = on;
INSERT INTO public.x VALUES ('\\');
`;
  await importInto(target, dump);
  expect(await server.value(target, `SELECT string_agg(a, '|' ORDER BY a DESC) FROM public.x`)).toBe(
    "it's; --|\\",
  );
});

describe('a file that is damaged', () => {
  it.each([
    [
      'without its end',
      (dump: string) => dump.slice(0, dump.lastIndexOf('-- PostgreSQL')),
      'database.dumpTruncated',
    ],
    [
      'cut in its rows',
      (dump: string) => dump.slice(0, dump.indexOf('FROM stdin;') + 13),
      'database.dumpTruncated',
    ],
    [
      'with an end among the rows',
      (dump: string) => dump.replace('FROM stdin;\n', 'FROM stdin;\nx\\.\n'),
      'database.dumpUnreadable',
    ],
  ])('%s is not taken for a whole one', async (_, change, code) => {
    await server.run('postgres', 'DROP DATABASE IF EXISTS whole');
    await server.create('whole', `CREATE TABLE one (x text); INSERT INTO one VALUES ('a'), ('b')`);
    const dump = await plainDump(server, 'whole', []);
    await expect(importInto(await emptyTarget(), change(dump))).rejects.toMatchObject({ code });
  });
});
