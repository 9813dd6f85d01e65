import type { SqlScript } from '@lcb/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { planScripts } from '../../script/plan-scripts.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.run('postgres', `CREATE ROLE owner LOGIN PASSWORD 'owner-secret'`);
});
beforeEach(async () => {
  await server.run('postgres', 'DROP DATABASE IF EXISTS restored');
  await server.run('postgres', 'CREATE DATABASE restored OWNER owner TEMPLATE template0');
  await server.withClient('restored', async (client) => {
    await client.query('SET ROLE owner; CREATE TABLE public.user_ (id int PRIMARY KEY, mail text);');
    await client.query(`INSERT INTO public.user_ VALUES (1, 'a@x.com'), (2, 'b@x.com')`);
  });
});
afterAll(() => server?.stop());

const run = (scripts: readonly SqlScript[], user?: string) =>
  server.engine.runScripts({
    connection:
      user === undefined
        ? server.connection('restored')
        : {
            url: server.connection('restored').url.replace(/\/\/[^@]*@/, `//${user}@`),
            password: `${user}-secret`,
          },
    scripts,
    signal: new AbortController().signal,
  });
const mails = () => server.value('restored', `SELECT string_agg(mail, ',' ORDER BY id) FROM user_`);
/** How a parameter is written. */
const mark = (name: string) => `$\{${name}}`;
const anonymise = { name: '1.sql', sql: "UPDATE user_ SET mail = id || '@example.com';" };

describe.each([
  ['as a guest', undefined],
  ['as the owner', 'owner'],
])('scripts %s', (_, user) => {
  it('run one after the other', async () => {
    const more = {
      name: '2.sql',
      sql: `CREATE TABLE log (x text); INSERT INTO log SELECT mail FROM user_; DO $$ BEGIN INSERT INTO log VALUES ('done'); END $$`,
    };
    expect(await run([anonymise, more], user)).toEqual({
      scripts: [
        { name: '1.sql', statements: 1 },
        { name: '2.sql', statements: 3 },
      ],
    });
    expect(await mails()).toBe('1@example.com,2@example.com');
    expect(await server.value('restored', 'SELECT count(*)::int FROM log')).toBe(3);
  });

  it('leave nothing behind when one fails', async () => {
    const broken = { name: '2.sql', sql: 'SELECT 1;\n\nDELETE FROM nowhere;' };
    const running = run([anonymise, broken], user);
    await expect(running).rejects.toMatchObject({ code: 'sql.failed', retryable: false });
    await expect(running).rejects.toThrow(
      /^2.sql, line 3: DELETE FROM NOWHERE failed\. .*relation "nowhere" does not exist/,
    );
    expect(await mails()).toBe('a@x.com,b@x.com');
    expect(
      await server.value('postgres', `SELECT count(*)::int FROM pg_roles WHERE rolname LIKE 'lcb_import%'`),
    ).toBe(0);
  });

  it('are all read before the first is run', async () => {
    await expect(run([anonymise, { name: '2.sql', sql: 'COMMIT' }], user)).rejects.toMatchObject({
      code: 'sql.refused',
    });
    expect(await mails()).toBe('a@x.com,b@x.com');
  });

  it.each([
    [`DO $$ BEGIN EXECUTE 'COPY user_ TO PROGRAM ''cat'''; END $$`, /permission denied|must be superuser/],
    [
      `DO $$ BEGIN EXECUTE 'CREATE ROLE more SUPERUSER'; END $$`,
      /permission denied|must be superuser|Only roles with/i,
    ],
    [`DO $$ BEGIN PERFORM pg_read_file('/etc/passwd'); END $$`, /permission denied/],
    [`DO $$ BEGIN COMMIT; END $$`, /invalid transaction termination/],
    [`DO $$ BEGIN EXECUTE 'SET ROLE postgres'; END $$`, /permission denied/],
  ])('%s fails by its lack of rights', async (sql, message) => {
    await expect(run([anonymise, { name: '2.sql', sql }], user)).rejects.toThrow(message);
    expect(await mails()).toBe('a@x.com,b@x.com');
  });
});

describe('a script', () => {
  it.each([
    'BEGIN',
    'COMMIT AND CHAIN',
    'ROLLBACK',
    'SAVEPOINT s',
    "PREPARE TRANSACTION 'x'",
    'END',
    'VACUUM',
    'CREATE DATABASE other',
    'DROP DATABASE other',
    'CREATE INDEX CONCURRENTLY i ON t (x)',
    'REINDEX TABLE t',
    "COPY t FROM PROGRAM 'id'",
    'COPY t FROM stdin',
    "LOAD 'x'",
    'ALTER SYSTEM SET x = 1',
    'SET ROLE postgres',
    'SET LOCAL ROLE postgres',
    'RESET ALL',
    "SELECT pg_read_file('x')",
    "SELECT * FROM dblink('x', 'y') AS r(x int)",
    'GRANT ALL ON t TO x',
    'CREATE ROLE x',
    'ALTER TABLE t OWNER TO x',
    'SET standard_conforming_strings = off',
    "SELECT set_config('role', 'postgres', true)",
    "DO LANGUAGE plpython3u 'x'",
    'CREATE EXTENSION dblink',
    'LISTEN x',
    'SELECT 1 \\g /tmp/x',
    '\\! id',
    '\\i other.sql',
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
  ])('with %s is refused by line', (sql) => {
    const script = { name: 'x.sql', sql: `SELECT 1;\n\n${sql};` };
    expect(() => planScripts('postgresql', [script], {})).toThrow(
      expect.objectContaining({
        code: 'sql.refused',
        message: expect.stringMatching(/^x\.sql, line 3: .* is refused: /),
      }),
    );
  });
});

describe('planScripts', () => {
  it('shows what would run: by the bytes of the names, filled in, in one line', async () => {
    const scripts = [
      {
        name: '2.sql',
        sql: `-- first\nUPDATE user_\n  SET mail = ${mark('mail')} -- ${mark('not')}\n  WHERE mail <> '${mark('mail')}\n';\nSELECT 1`,
      },
      { name: '10.sql', sql: 'CREATE INDEX i ON user_ (mail);' },
    ];
    const planned = planScripts('postgresql', scripts, { mail: `it's \\ ${mark('mail')}` });
    expect(planned.map(({ name }) => name)).toEqual(['10.sql', '2.sql']);
    expect(planned.map(({ statements }) => statements)).toEqual([
      [{ line: 1, kind: 'CREATE INDEX', sql: 'CREATE INDEX i ON user_ (mail)' }],
      [
        {
          line: 2,
          kind: 'UPDATE',
          sql: `UPDATE user_ SET mail = E'it''s \\\\ ${mark('mail')}' WHERE mail <> '${mark('mail')}\\n'`,
        },
        { line: 6, kind: 'SELECT', sql: 'SELECT 1' },
      ],
    ]);
    await run(planned, 'owner');
    expect(await server.value('restored', 'SELECT mail FROM user_ WHERE id = 1')).toBe(
      `it's \\ ${mark('mail')}`,
    );
  });

  it.each([
    [
      'a parameter without a value',
      [{ name: 'a', sql: `SELECT ${mark('x')}` }],
      {},
      /^a, line 1: the parameter x has no value/,
    ],
    [
      'a value that no script uses',
      [{ name: 'a', sql: `SELECT '${mark('x')}'` }],
      { x: '1' },
      /No script uses the parameter x/,
    ],
    [
      'a name twice',
      [
        { name: 'a', sql: '' },
        { name: 'a', sql: '' },
      ],
      {},
      /Two scripts have the name a/,
    ],
    ['more than 1 MiB', [{ name: 'a', sql: `SELECT '${'x'.repeat(1024 * 1024)}'` }], {}, /may have 1 MiB/],
  ] as const)('refuses %s', (_, scripts, parameters, message) => {
    expect(() => planScripts('postgresql', scripts, parameters)).toThrow(message);
  });
});
