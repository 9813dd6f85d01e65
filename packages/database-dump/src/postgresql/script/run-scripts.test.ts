import type { SqlScript } from '@lcb/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { planScripts } from '../../script/plan-scripts.ts';
import { MemoryStore } from '../../testing/memory-store.ts';
import { dumpRequest } from '../../testing/requests.ts';
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

describe('a guest', () => {
  const definitions = `CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
    CREATE TABLE public.mine (id int);`;

  it.each([
    'CREATE TRIGGER x BEFORE INSERT ON user_ FOR EACH ROW EXECUTE FUNCTION f()',
    'ALTER TABLE mine ADD FOREIGN KEY (id) REFERENCES user_ ON DELETE CASCADE',
    'CREATE RULE r AS ON INSERT TO user_ DO ALSO DELETE FROM mine',
    'CREATE POLICY p ON user_ USING (true)',
    'CREATE INDEX i ON user_ (id)',
    'CREATE TABLE child () INHERITS (user_)',
    'ALTER TABLE user_ ADD CHECK (id > 0)',
    'UPDATE shown SET mail = NULL',
    'SELECT count_up()',
  ])('leaves nothing with what belongs to others: %s', async (sql) => {
    await server.run(
      'restored',
      `CREATE VIEW shown AS SELECT * FROM user_;
       CREATE FUNCTION count_up() RETURNS int LANGUAGE sql AS 'SELECT 1';
       REVOKE EXECUTE ON FUNCTION count_up() FROM PUBLIC`,
    );
    await expect(run([{ name: '1.sql', sql: `${definitions} ${sql};` }])).rejects.toThrow(
      /permission denied|must be owner/,
    );
    expect(await mails()).toBe('a@x.com,b@x.com');
  });

  it.each([
    `CREATE FUNCTION public.total(int) RETURNS int LANGUAGE sql AS 'SELECT 1'`,
    `CREATE FUNCTION public.lower(varchar) RETURNS text LANGUAGE sql AS 'SELECT NULL::text'`,
    `CREATE SCHEMA postgres; CREATE FUNCTION postgres.total(numeric) RETURNS int LANGUAGE sql AS 'SELECT 1'`,
    'CREATE SCHEMA owner; CREATE TABLE owner.user_ (id int)',
    'CREATE SCHEMA early; CREATE VIEW early.user_ AS SELECT 1 AS id',
    `CREATE FUNCTION public.equal(varchar, varchar) RETURNS boolean LANGUAGE sql AS 'SELECT true';
     CREATE OPERATOR public.= (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = public.equal)`,
    `CREATE SCHEMA own; CREATE FUNCTION own.no(oid, oid) RETURNS boolean LANGUAGE sql AS 'SELECT false';
     CREATE OPERATOR own.= (LEFTARG = oid, RIGHTARG = oid, FUNCTION = own.no);
     CREATE FUNCTION public.total(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
     SET search_path = own, pg_catalog`,
  ])('makes nothing that others would take for theirs: %s', async (sql) => {
    await server.run(
      'restored',
      `CREATE FUNCTION total(numeric) RETURNS int LANGUAGE sql AS 'SELECT 0';
       ALTER DATABASE restored SET search_path = early, public`,
    );
    const running = run([anonymise, { name: '2.sql', sql }]);
    await expect(running).rejects.toMatchObject({ code: 'sql.refused' });
    await expect(running).rejects.toThrow(/^2\.sql has created the /);
    expect(await server.value('restored', 'SELECT mail FROM public.user_ WHERE id = 1')).toBe('a@x.com');
  });

  it('has schemas and names of its own', async () => {
    const sql = `CREATE SCHEMA archive; CREATE TABLE archive.user_ AS SELECT * FROM user_;
      CREATE FUNCTION public.twice(int) RETURNS int LANGUAGE sql AS 'SELECT 2 * $1'`;
    expect(await run([{ name: '1.sql', sql }])).toMatchObject({ scripts: [{ statements: 3 }] });
    expect(await server.value('restored', 'SELECT count(*)::int FROM archive.user_')).toBe(2);
  });

  it('is found out when its transaction ends otherwise than it seemed', async () => {
    const sql = `${definitions}
      CREATE FUNCTION public.late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        CREATE FUNCTION public.lower(varchar) RETURNS text LANGUAGE sql AS 'SELECT NULL::text'; RETURN NULL; END $$;
      CREATE CONSTRAINT TRIGGER c AFTER INSERT ON mine INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late();
      INSERT INTO mine VALUES (1);`;
    await expect(run([{ name: '1.sql', sql }])).rejects.toMatchObject({ code: 'sql.refused' });
  });
});

it('what a script leaves runs with no more rights at the next backup', async () => {
  const sql = `CREATE FUNCTION public.who(x int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
    BEGIN IF current_setting('is_superuser') = 'on' THEN RAISE EXCEPTION 'superuser'; END IF; RETURN 1; END $$;
    CREATE TABLE public.left_behind (x int);
    CREATE INDEX i ON public.left_behind (x) WHERE x > public.who(1);`;
  await server.run('restored', 'CREATE TABLE of_superuser AS SELECT 1 AS id');
  await run([{ name: '1.sql', sql }]);
  await expect(server.run('restored', 'SELECT count(*) FROM left_behind')).rejects.toThrow('superuser');
  const dump = await server.engine.dump(dumpRequest(server, 'restored', new MemoryStore()));
  expect(dump).toMatchObject({ untrusted: true, tables: { count: 3, sourceRows: 3 } });
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
