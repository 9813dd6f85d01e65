import type { SqlScript } from '@lcb/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { planScripts } from '../../script/plan-scripts.ts';
import { MemoryStore } from '../../testing/memory-store.ts';
import { type MysqlServer, startMysqlServer } from '../../testing/mysql-server.ts';
import { dumpRequest } from '../../testing/requests.ts';
import { parseEndpoint } from '../connection/endpoint.ts';
import { withSession } from '../connection/session.ts';
import { OneTransaction } from './one-transaction.ts';

let server: MysqlServer;
beforeAll(async () => {
  server = await startMysqlServer();
  await server.run(
    undefined,
    `CREATE USER owner IDENTIFIED BY 'owner-secret'; GRANT ALL ON restored.* TO owner;`,
  );
});
beforeEach(async () => {
  await server.run(undefined, 'DROP DATABASE IF EXISTS restored');
  await server.create(
    'restored',
    `CREATE TABLE user_ (id int PRIMARY KEY, mail text); INSERT INTO user_ VALUES (1, 'a@x.com'), (2, 'b@x.com');
     CREATE TABLE old (x int) ENGINE = MyISAM;`,
  );
});
afterAll(() => server?.remove());

const run = (scripts: readonly SqlScript[], user?: string) =>
  server.engine.runScripts({
    connection:
      user === undefined
        ? server.connection('restored')
        : server.connection('restored', user, `${user}-secret`),
    scripts,
    signal: new AbortController().signal,
  });
const mails = () => server.value('restored', `SELECT GROUP_CONCAT(mail ORDER BY id) FROM user_`);
const guests = async () =>
  Number(await server.value(undefined, `SELECT COUNT(*) FROM mysql.user WHERE user LIKE 'lcb_import%'`));
const anonymise = { name: '1.sql', sql: "UPDATE user_ SET mail = CONCAT(id, '@example.com')" };

describe.each([
  ['as a guest', undefined, undefined],
  ['as the owner', 'owner', true],
])('scripts %s', (_, user, untrusted) => {
  it('run one after the other', async () => {
    const more = {
      name: '2.sql',
      sql: `CREATE TEMPORARY TABLE log (x text);\nINSERT INTO log SELECT mail FROM user_; DELETE FROM user_ WHERE id = 2`,
    };
    expect(await run([anonymise, more], user)).toEqual({
      scripts: [
        { name: '1.sql', statements: 1 },
        { name: '2.sql', statements: 3 },
      ],
    });
    expect(await mails()).toBe('1@example.com');
    expect(await guests()).toBe(0);
    // A guest could define nothing here.
    const dump = await server.engine.dump(dumpRequest(server, 'restored', new MemoryStore()));
    expect(dump.untrusted).toBe(untrusted);
  });

  it('leave nothing behind when one fails', async () => {
    const running = run(
      [anonymise, { name: '2.sql', sql: 'SELECT 1;\n\nDELETE FROM user_ WHERE nothing = 1;' }],
      user,
    );
    await expect(running).rejects.toMatchObject({ code: 'sql.failed', retryable: false });
    await expect(running).rejects.toThrow(/^2.sql, line 3: DELETE FROM USER_ failed\. .*Unknown column/);
    expect(await mails()).toBe('a@x.com,b@x.com');
    expect(await guests()).toBe(0);
  });

  it('put settings back that they have kept', async () => {
    const sql = `SET @checks = @@foreign_key_checks, foreign_key_checks = 0; SET @x = 5;
      UPDATE user_ SET mail = CONCAT(@x, id); SET foreign_key_checks = @checks`;
    await run([{ name: '1.sql', sql }], user);
    expect(await mails()).toBe('51,52');
  });

  it('do not change a table in which nothing can be undone', async () => {
    const running = run([anonymise, { name: '2.sql', sql: 'SELECT 1;\nINSERT INTO `old` VALUES (1)' }], user);
    await expect(running).rejects.toThrow(
      /^2.sql, line 2: INSERT INTO is refused: old is a table of the engine MyISAM/,
    );
    expect(await mails()).toBe('a@x.com,b@x.com');
  });
});

it('the transaction is asked for after each statement, whatever it was that ended it', async () => {
  const place = { name: '1.sql', line: 7, command: 'SET X' };
  await withSession(parseEndpoint(server.connection('restored')), async (session) => {
    for (const [changes, end] of [
      ['UPDATE user_ SET id = id + 10', 'COMMIT'],
      ['SET autocommit = 0', 'SET autocommit = 1'],
      ['INSERT INTO old VALUES (1)', 'ALTER TABLE old ADD y int'],
      ['UPDATE user_ SET id = id + 10', 'START TRANSACTION'],
    ] as const) {
      const transaction = await OneTransaction.begin(session);
      await session.run(changes);
      await transaction.assertOpen(place);
      await transaction.assertOpen(place);
      await session.run(end);
      const asserting = transaction.assertOpen(place);
      await expect(asserting).rejects.toMatchObject({ code: 'sql.transactionEnded', retryable: false });
      await expect(asserting).rejects.toThrow(/^1.sql, line 7: SET X ended the transaction/);
    }
  });
});

describe('a script', () => {
  it.each([
    'BEGIN',
    'COMMIT',
    'ROLLBACK',
    'SAVEPOINT s',
    'XA START "x"',
    'SET autocommit = 0',
    'SET @@session.autocommit = 1',
    'SET `autocommit` = 0',
    'SET @@`autocommit` = 0',
    'SET sql_notes = 0, @@session . `AutoCommit` = 1',
    'CREATE TABLE t (x int)',
    'ALTER TABLE t ADD y int',
    '/*!50000 DROP TABLE t */',
    'TRUNCATE TABLE t',
    "CREATE TEMPORARY TABLE t (x int NOT NULL) ENGINE='CSV'",
    "CREATE TEMPORARY TABLE t (x int) CONNECTION='mysql://x@h/d/t'",
    'RENAME TABLE a TO b',
    'LOCK TABLES t WRITE',
    'ANALYZE TABLE t',
    'CALL p()',
    'GRANT ALL ON t TO x',
    'USE mysql',
    'SELECT * FROM mysql.user',
    "SELECT LOAD_FILE('/etc/passwd')",
    "SELECT 1 INTO OUTFILE '/tmp/x'",
    "LOAD DATA LOCAL INFILE 'x' INTO TABLE t",
    'SET GLOBAL x = 1',
    "SET sql_mode = 'ANSI_QUOTES'",
    "SET sql_mode = 'NO_BACK\\SLASH_ESCAPES'",
    "SET @v = 'NO_BACK\\SLASH_ESCAPES'; SET sql_mode = @v",
    'SET @v = 1048576; SET sql_mode = @v',
    'SET @v = 0x414E53495F51554F544553; SET sql_mode = @v',
    "SET @c = 'gbk'; SET character_set_client = @c",
    "SET @v = @@sql_mode; SELECT 'ANSI' INTO @V; SET sql_mode = @v",
    "SET @v = @@sql_mode; SELECT @`v` := 'ANSI'; SET sql_mode = @v",
    "SET @v = @@sql_mode; SELECT 'ANSI' INTO @`ṽ`; SET sql_mode = @v",
    '\\! id',
    'source x',
    'DO SLEEP(1)',
    'DELIMITER //\nDELETE FROM a; DROP TABLE b//',
  ])('with %s is refused by line', (sql) => {
    const script = { name: 'x.sql', sql: `SELECT 1;\n\n${sql};` };
    expect(() => planScripts('mysql', [script], {})).toThrow(
      expect.objectContaining({
        code: 'sql.refused',
        message: expect.stringMatching(/^x\.sql, line [34]: .* is refused/),
      }),
    );
  });

  it('has its parameters filled in as literals', async () => {
    const mark = (name: string) => `$\{${name}}`;
    const value = `it's \\ ${mark('x')} /* " */`;
    const planned = planScripts(
      'mysql',
      [
        {
          name: 'a',
          sql: `UPDATE user_ SET mail = ${mark('mail')} # ${mark('not')}\nWHERE mail <> "${mark('mail')}"`,
        },
      ],
      { mail: value },
    );
    expect(planned[0]?.statements).toMatchObject([{ line: 1, kind: 'UPDATE' }]);
    await run(planned);
    expect(await server.value('restored', 'SELECT mail FROM user_ WHERE id = 1')).toBe(value);
  });
});
