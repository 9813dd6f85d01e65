import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MysqlServer, startMysqlServer } from '../../testing/mysql-server.ts';
import { parseEndpoint } from '../connection/endpoint.ts';
import { withSession } from '../connection/session.ts';
import { readFingerprint } from './fingerprint.ts';

let server: MysqlServer;
beforeAll(async () => {
  server = await startMysqlServer();
  await server.create(
    'defined',
    `CREATE TABLE t (id int PRIMARY KEY, a varchar(20) DEFAULT 'x', b int CHECK (b > 0));
     INSERT INTO t SELECT seq, 'a', 1 FROM seq_1_to_5000;
     CREATE TABLE o (id int AUTO_INCREMENT PRIMARY KEY); CREATE INDEX t_a ON t (a); CREATE VIEW v AS SELECT id FROM t;
     CREATE SEQUENCE s; CREATE FUNCTION f() RETURNS int RETURN 1; CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.b = 1;`,
  );
  await server.create('ignored', 'SELECT 1');
});
afterAll(() => server?.remove());

const read = () =>
  withSession(parseEndpoint(server.connection('defined')), (session) =>
    readFingerprint(session, ['defined']),
  );

async function around(sql: string) {
  const before = await read();
  await server.run('defined', sql);
  return { before, after: await read() };
}

describe('the fingerprint of definitions', () => {
  it.each([
    'DELETE FROM t WHERE id % 2 = 0; INSERT INTO t (id) VALUES (2); UPDATE t SET a = a',
    'INSERT INTO o VALUES (), (), ()',
    'ANALYZE TABLE t',
    'SELECT NEXTVAL(s)',
    'CREATE TEMPORARY TABLE own (id int)',
    'CREATE TABLE ignored.t (id int)',
    "CREATE USER somebody IDENTIFIED BY 'x'; GRANT SELECT ON defined.* TO somebody",
  ])('is the same after %s', async (sql) => {
    const { before, after } = await around(sql);
    expect(after).toBe(before);
  });

  it.each([
    'CREATE TABLE added (id int)',
    'ALTER TABLE t ADD c int',
    'ALTER TABLE t DROP c',
    "ALTER TABLE t ALTER a SET DEFAULT 'y'",
    'ALTER TABLE t MODIFY b bigint',
    'ALTER TABLE t ENGINE = MyISAM',
    'CREATE INDEX t_b ON t (b)',
    'DROP INDEX t_b ON t',
    "ALTER TABLE t COMMENT = 'said'",
    'RENAME TABLE added TO renamed',
    'DROP TABLE renamed',
    'CREATE OR REPLACE VIEW v AS SELECT id, a FROM t',
    'DROP FUNCTION f; CREATE FUNCTION f() RETURNS int RETURN 2',
    'DROP TRIGGER tr; CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.b = 2',
    'ALTER TABLE o ADD t int, ADD CONSTRAINT known FOREIGN KEY (t) REFERENCES o (id)',
    'ALTER TABLE o ADD CONSTRAINT positive CHECK (t > 0)',
  ])('is another after %s', async (sql) => {
    const { before, after } = await around(sql);
    expect(after).not.toBe(before);
  });
});
