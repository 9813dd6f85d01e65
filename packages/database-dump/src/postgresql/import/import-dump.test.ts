import type { ImportRequest } from '@lcb/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awkwardDatabase } from '../../testing/awkward-database.ts';
import { inChunks, plainDump } from '../../testing/plain-dump.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

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
beforeAll(async () => {
  server = await startTestServer();
  await server.create('source', awkwardDatabase);
  await server.run('source', ownExtras);
});
afterAll(() => server?.stop());

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
