import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { parseEndpoint } from '../connection/endpoint.ts';
import { withSession } from '../connection/session.ts';
import { readFingerprint } from './fingerprint.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.create(
    'defined',
    `CREATE SCHEMA other; CREATE SCHEMA ignored;
     CREATE TABLE t (id int PRIMARY KEY, a text DEFAULT 'x', b int CHECK (b > 0));
     INSERT INTO t SELECT i, 'a', 1 FROM generate_series(1, 5000) i;
     CREATE TABLE p (id int) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
     CREATE INDEX t_a ON t (a); CREATE VIEW v AS SELECT id FROM t; CREATE SEQUENCE s; CREATE TYPE mood AS ENUM ('sad');
     CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE ROLE somebody;
     CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f(); ALTER TABLE t DISABLE TRIGGER tr;
     CREATE POLICY few ON t USING (id > 0); CREATE MATERIALIZED VIEW m AS SELECT id FROM t`,
  );
});
afterAll(() => server?.stop());

const read = () =>
  withSession(parseEndpoint(server.connection('defined')), (session) =>
    readFingerprint(session, ['ignored']),
  );

/** The fingerprint before and after, with each statement in a transaction of its own. */
async function around(statements: readonly string[]) {
  const before = await read();
  await server.withClient('defined', async (client) => {
    for (const sql of statements) await client.query(sql);
  });
  return { before, after: await read() };
}

describe('the fingerprint of definitions', () => {
  it.each([
    ['ANALYZE'],
    ['VACUUM'],
    ['VACUUM (FREEZE, ANALYZE) t'],
    ['VACUUM FULL t'],
    ['REINDEX TABLE t'],
    ['DELETE FROM t WHERE id % 2 = 0', 'VACUUM t', 'INSERT INTO t VALUES (2)', 'UPDATE t SET a = a'],
    ['CREATE TEMP TABLE own (id serial PRIMARY KEY, a text)', 'CREATE INDEX ON own (a)', 'DROP TABLE own'],
    ["SELECT nextval('s')", 'SELECT lo_create(0)'],
    ['GRANT SELECT ON t TO somebody', 'GRANT USAGE ON SCHEMA other TO somebody', "COMMENT ON TABLE t IS 'x'"],
    ['REFRESH MATERIALIZED VIEW m'],
    ['CREATE TABLE ignored.t (id int PRIMARY KEY)', 'ALTER TABLE ignored.t ADD a text'],
  ])('stays with %s', async (...statements) => {
    const { before, after } = await around(statements);
    expect(after).toBe(before);
  });

  it.each([
    'CREATE TABLE other.t (id int)',
    'ALTER TABLE other.t ADD a int',
    'ALTER TABLE other.t ALTER a TYPE bigint',
    'ALTER TABLE other.t ALTER a SET DEFAULT 1',
    'ALTER TABLE other.t ALTER a SET DEFAULT 2',
    'ALTER TABLE other.t RENAME a TO c',
    'ALTER TABLE other.t SET (fillfactor = 50)',
    'DROP TABLE other.t',
    'CREATE INDEX t_b ON t (b)',
    'ALTER INDEX t_b RENAME TO t_c',
    'DROP INDEX t_c',
    'ALTER TABLE t ADD CONSTRAINT c CHECK (id > 0) NOT VALID',
    'ALTER TABLE t VALIDATE CONSTRAINT c',
    'ALTER TABLE t DROP CONSTRAINT c',
    'CREATE FUNCTION g() RETURNS int LANGUAGE sql AS $$SELECT 1$$',
    'CREATE OR REPLACE FUNCTION g() RETURNS int LANGUAGE sql AS $$SELECT 2$$',
    'ALTER FUNCTION g() STRICT',
    'DROP FUNCTION g()',
    'CREATE OR REPLACE VIEW v AS SELECT id FROM t WHERE id > 0',
    'CREATE VIEW w AS SELECT 1',
    'DROP VIEW w',
    'CREATE TRIGGER tr2 AFTER DELETE ON t FOR EACH ROW EXECUTE FUNCTION f()',
    'ALTER TABLE t ENABLE TRIGGER tr',
    'DROP TRIGGER tr2 ON t',
    'CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20)',
    'ALTER TABLE p DETACH PARTITION p2',
    'CREATE SEQUENCE s2',
    'ALTER SEQUENCE s2 INCREMENT 7',
    "ALTER TYPE mood ADD VALUE 'happy'",
    'CREATE DOMAIN d AS int CHECK (VALUE > 0)',
    'CREATE RULE r AS ON DELETE TO t DO NOTHING',
    'ALTER TABLE t ENABLE ROW LEVEL SECURITY',
    'ALTER POLICY few ON t USING (id > 1)',
    'CREATE EXTENSION pg_trgm',
    'CREATE SCHEMA third',
    'CREATE STATISTICS st ON a, b FROM t',
    'ALTER TABLE t REPLICA IDENTITY FULL',
  ])('changes with %s', async (statement) => {
    const { before, after } = await around([statement]);
    expect(after).not.toBe(before);
  });
});
