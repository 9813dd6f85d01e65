import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inChunks } from '../../testing/plain-dump.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { parseEndpoint } from '../connection/endpoint.ts';
import { withSession } from '../connection/session.ts';
import { withGuest } from '../guest/with-guest.ts';
import { guardDump } from './guard-dump.ts';

let server: TestServer;
/** Where the server's own user may write, too. */
let folder: string;
beforeAll(async () => {
  server = await startTestServer();
  folder = await mkdtemp(join(tmpdir(), 'lcb-escape-'));
  await chmod(folder, 0o777);
  await server.create('victim', 'CREATE TABLE t (x text); SELECT lo_create(4711)');
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

const before = `SET standard_conforming_strings = on;
-- it's
CREATE TABLE t (x text);
COPY public.t (x) FROM stdin;
\\\\! touch nothing
COPY t FROM PROGRAM 'id';
\\.

`;
/** Where what follows {@link before} stands. */
const line = before.split('\n').length;

async function read(sql: string): Promise<string[]> {
  const sent: string[] = [];
  // As a server would take it.
  const standardStrings = () => !sent.some((one) => /^SET standard_conforming_strings = off/.test(one));
  for await (const item of guardDump(inChunks(sql, 7), { name: 'upload.sql', standardStrings })) {
    if (item.kind === 'rows') for await (const _ of item.rows);
    if (item.kind !== 'skipped') sent.push(item.sql);
  }
  return sent;
}

const refusedAt = (at: number, command: string) =>
  expect.objectContaining({
    code: 'sql.refused',
    message: expect.stringContaining(`upload.sql, line ${at}: ${command} is refused: `),
  });

describe('a command of psql', () => {
  it.each([
    ['\\! touch FOLDER/shell', '\\!', 'shell'],
    ['SELECT 1 \\g FOLDER/output', '\\g', 'output'],
    ["\\copy (SELECT 1) TO 'FOLDER/copied'", '\\copy', 'copied'],
    ['\\o FOLDER/output-too\nSELECT 1;', '\\o', 'output-too'],
    ['\\w FOLDER/written', '\\w', undefined],
    ['\\i /etc/passwd', '\\i', undefined],
    ['\\ir secret.sql', '\\ir', undefined],
    ['\\set x `touch FOLDER/backticks`', '\\set', 'backticks'],
    ['\\lo_import /etc/passwd', '\\lo_import', undefined],
    ['\\connect other\n\\connect third', '\\connect', undefined],
    ['\\restrict x; \\! touch FOLDER/restricted', '\\restrict', undefined],
    ['\\setenv PAGER x', '\\setenv', undefined],
  ])('%s runs in psql and is refused here', async (command, name, file) => {
    const sql = command.replaceAll('FOLDER', folder);
    if (file !== undefined) {
      await inPsql(`${sql}\n`);
      expect(await readdir(folder)).toContain(file);
    }
    const at = name === '\\connect' ? line + 1 : line;
    await expect(read(`${before}${sql}\n`)).rejects.toEqual(refusedAt(at, name));
  });

  it.each(['restrict AbC09', 'unrestrict AbC09'])(
    '\\%s is of pg_dump itself, and passes nowhere',
    async (text) => {
      expect(await read(`\\${text}\n`)).toEqual([]);
    },
  );
});

async function inPsql(sql: string): Promise<void> {
  const { url, password } = server.connection('victim');
  const running = promisify(execFile)(server.tools.psql, ['--no-psqlrc', `--dbname=${url}`, '--file=-'], {
    env: { ...process.env, PGPASSWORD: password ?? '' },
  });
  running.child.stdin?.end(sql);
  await running;
}

/** The statement, how the refusal names it, the file that it makes as superuser, and whether a guest's rights stop it. */
const statements: readonly (readonly [
  sql: string,
  command: string,
  file?: string | undefined,
  guest?: 'allowed',
])[] = [
  ["COPY t FROM PROGRAM 'touch FOLDER/program; echo 1'", 'COPY … FROM PROGRAM', 'program'],
  ["copy/**/ t from -- a\n program 'touch FOLDER/program-2; echo 1'", 'COPY … FROM PROGRAM', 'program-2'],
  ["COPY t FROM '/etc/passwd'", "COPY … FROM 'file'"],
  ["COPY t TO 'FOLDER/rows'", 'COPY … TO', 'rows'],
  ["COPY (SELECT 1) TO PROGRAM 'cat > FOLDER/query'", 'COPY … TO', 'query'],
  ["SELECT lo_import('/etc/passwd')", 'SELECT lo_import'],
  ["SELECT pg_catalog.lo_export(4711, 'FOLDER/object')", 'SELECT lo_export', 'object'],
  ["SELECT setval('s', (SELECT 1 FROM pg_ls_dir('/')))", 'SELECT setval'],
  ["CREATE VIEW v AS SELECT pg_read_file('/etc/passwd')", 'The function pg_read_file', undefined, 'allowed'],
  ['CREATE VIEW v2 AS SELECT "pg_ls_dir"(\'/\')', 'The function pg_ls_dir', undefined, 'allowed'],
  [
    "CREATE TABLE d (x text DEFAULT pg_read_file ('/etc/passwd'))",
    'The function pg_read_file',
    undefined,
    'allowed',
  ],
  ["CREATE VIEW v3 AS SELECT * FROM dblink('dbname=x', 'SELECT 1') AS r(x int)", 'The function dblink'],
  ["SELECT pg_read_file('/etc/passwd')", 'SELECT pg_read_file'],
  ["LOAD 'auto_explain'", 'LOAD'],
  ["ALTER SYSTEM SET log_min_messages = 'warning'", 'ALTER SYSTEM SET'],
  [
    "CREATE FUNCTION c1() RETURNS int LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler'",
    'A function in the language "c"',
  ],
  [
    "CREATE FUNCTION c2() RETURNS int AS 'int4um' LANGUAGE 'internal'",
    'A function in the language "internal"',
  ],
  [
    "CREATE FUNCTION sd() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
    'SECURITY DEFINER',
    undefined,
    'allowed',
  ],
  [
    "CREATE FUNCTION et() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION et()",
    'CREATE EVENT TRIGGER',
  ],
  ['CREATE EXTENSION dblink', 'CREATE EXTENSION "dblink"'],
  ['CREATE EXTENSION IF NOT EXISTS file_fdw', 'CREATE EXTENSION "file_fdw"'],
  ['CREATE EXTENSION earthdistance CASCADE', 'CREATE EXTENSION … CASCADE'],
  ['CREATE LANGUAGE plpython3u', 'CREATE LANGUAGE PLPYTHON3U'],
  ['CREATE SERVER s FOREIGN DATA WRAPPER w', 'CREATE SERVER S'],
  ['CREATE FOREIGN DATA WRAPPER w', 'CREATE FOREIGN DATA'],
  ["CREATE ROLE intruder LOGIN SUPERUSER PASSWORD 'x'", 'CREATE ROLE INTRUDER'],
  ['ALTER USER postgres SUPERUSER', 'ALTER USER POSTGRES'],
  ["CREATE TABLESPACE here LOCATION 'FOLDER'", 'CREATE TABLESPACE HERE'],
  ['SET ROLE postgres', 'SET ROLE POSTGRES'],
  ['SET SESSION AUTHORIZATION postgres', 'SET SESSION AUTHORIZATION'],
  ['SET "role" = postgres', 'SET role'],
  ['RESET ROLE', 'RESET ROLE', undefined, 'allowed'],
  ["SELECT set_config('role', 'postgres', false)", 'SELECT set_config'],
  [
    "CREATE FUNCTION sr() RETURNS int LANGUAGE sql SET role = 'postgres' AS 'SELECT 1'",
    'SET ROLE or SESSION AUTHORIZATION',
    undefined,
    'allowed',
  ],
  ["SET session_preload_libraries = 'auto_explain'", 'SET session_preload_libraries'],
  ["DO $$ BEGIN EXECUTE 'COPY t FROM PROGRAM ''touch FOLDER/block; echo 1'''; END $$", 'DO', 'block'],
  ["PREPARE p AS SELECT pg_read_file('/etc/passwd')", 'PREPARE P AS', undefined, 'allowed'],
  ['VACUUM', 'VACUUM', undefined, 'allowed'],
  ["INSERT INTO t SELECT pg_read_file('/etc/passwd')", 'This INSERT'],
  ["INSERT INTO t VALUES (pg_read_file('/etc/passwd'))", 'This INSERT'],
  ["SET client_encoding = 'SJIS'", 'SET client_encoding', undefined, 'allowed'],
  ["CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1 dbname=x' PUBLICATION p", ''],
  ['ALTER DATABASE victim RENAME TO gone', ''],
  ['DROP DATABASE postgres', ''],
];

describe('a statement', () => {
  it.each(statements)(
    '%s is refused or left out, and a guest may not do it',
    async (template = '', command = '', file = undefined, guest = undefined) => {
      const sql = template.replaceAll('FOLDER', folder);
      if (file !== undefined) {
        await server.run('victim', sql);
        expect(await readdir(folder)).toContain(file);
        await rm(join(folder, file));
      }
      if (command !== '') await expect(read(`${before}${sql};\n`)).rejects.toEqual(refusedAt(line, command));
      else expect(await read(`${sql};\n`)).toEqual([]);

      if (guest === 'allowed') return;
      await expect(asGuest(sql)).rejects.toMatchObject({
        code: expect.stringMatching(/^database\.(permission|queryFailed)$/),
      });
      if (file !== undefined) expect(await readdir(folder)).not.toContain(file);
    },
  );
});

/** As the second wall alone would have it: nothing is lexed. */
async function asGuest(sql: string): Promise<void> {
  await withGuest(parseEndpoint(server.connection('victim')), {
    work: (login) => withSession(login, (session) => session.run(sql)),
  });
}

describe('text that the server might read differently', () => {
  it.each([
    ["SELECT setval(U&'\\0073', 1);", /Unicode escapes/],
    ['CREATE TABLE U&"\\0073" (x int);', /Unicode escapes/],
    ["SELECT setval(E'a' -- b\n 'c\\'', 1);", /a literal in two parts/],
    ["SELECT setval(1E'\\'', 2);", /text right after a number/],
    ['SELECT setval(1lo_import, 2);', /text right after a number/],
    ['SELECT setval($a, 2);', /a dollar sign before a name/],
    ['SELECT setval(1, 2)\0;', /a zero byte/],
    ["SELECT setval('s, 1);", /is not closed/],
    ['SELECT setval(1 /* /* */, 2);', /is not closed/],
    ['COPY t FROM stdin; SELECT 1;\n\\.\n', /follows COPY in the same line/],
    ['COPY t FROM stdin;\n1\n', /in the middle of a table's rows/],
    ['COPY t (a) FROM stdin WITH (FORMAT csv);\n', /This COPY is refused/],
    ["SET standard_conforming_strings = 'maybe';", /takes on or off/],
    ['SET LOCAL standard_conforming_strings = off;', /SET LOCAL is refused/],
    ["SET LOCAL search_path = '';", /SET LOCAL is refused/],
  ])('%j is refused', async (sql, message) => {
    await expect(read(`${sql}\n`)).rejects.toThrow(message);
  });

  it('is read by the rules that the dump sets', async () => {
    const sql = `SET standard_conforming_strings = off;\nSELECT setval('a\\'; \\! id', 1);\nSELECT lo_import('x');`;
    await expect(read(sql)).rejects.toEqual(refusedAt(3, 'SELECT lo_import'));
  });

  it('is read by the rules of the server, whatever the dump sets', async () => {
    const sql = `SET standard_conforming_strings = off;\nSELECT setval('a\\', 1);\nSELECT lo_import('x');`;
    const reading = async () => {
      const options = { name: 'upload.sql', standardStrings: () => true };
      for await (const _ of guardDump(inChunks(sql), options));
    };
    await expect(reading()).rejects.toEqual(refusedAt(3, 'SELECT lo_import'));
  });

  it('is passed on without its comments', async () => {
    expect(await read('CREATE /* \r; */ TABLE -- x\r; DROP TABLE t\n t (x int);')).toEqual([
      'CREATE   TABLE   t (x int)',
    ]);
  });

  it('must be UTF-8', async () => {
    const sql = Buffer.concat([Buffer.from("COMMENT ON TABLE t IS '"), Buffer.from([0xe4, 0x27, 0x3b])]);
    const reading = async () => {
      for await (const _ of guardDump(inChunks(sql), { name: 'upload.sql', standardStrings: () => true }));
    };
    await expect(reading()).rejects.toMatchObject({ code: 'sql.encoding' });
  });
});
