import { type LibraryTable, libraryRowSchemas, libraryTables } from '@lcb/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { libraryDatabase } from '../../testing/library-database.ts';
import { MemoryStore } from '../../testing/memory-store.ts';
import { type MysqlServer, startMysqlServer } from '../../testing/mysql-server.ts';
import { dumpRequest, storedLines } from '../../testing/requests.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: MysqlServer;
let postgres: TestServer;
const store = new MemoryStore();
const reference = new MemoryStore();

/** PostgreSQL's example in the dialect of MySQL, with Liferay's own spelling of the tables. */
function translated(): string {
  const names: Readonly<Record<string, string>> = {
    company: 'Company',
    release_: 'Release_',
    dlfolder: 'DLFolder',
    dlfileentry: 'DLFileEntry',
    dlfileversion: 'DLFileVersion',
    image: 'Image',
  };
  return libraryDatabase
    .replaceAll(/\bE'/g, "'")
    .replaceAll('a"quote\\', 'a"quote\\\\')
    .replace("\\x01'", "\x01'")
    .replaceAll('CREATE SCHEMA lpartition_2;', 'CREATE DATABASE lpartition_2;')
    .replaceAll(/"(\w+)"( bigint| text)/g, '`$1`$2')
    .replaceAll(/\."(\w+)"/g, '.$1')
    .replaceAll(
      /\b(TABLE|INTO|VIEW|FROM) (lpartition_2\.)?(company|release_|dlfolder|dlfileentry|dlfileversion|image)\b/g,
      (_, word: string, schema = '', name: string) => `${word} ${schema}${names[name]}`,
    )
    .replaceAll(' timestamp', ' datetime(6)')
    .replaceAll(/\bbool\b/g, 'tinyint')
    .replaceAll(/^--.*$/gm, '');
}

beforeAll(async () => {
  [server, postgres] = await Promise.all([startMysqlServer(), startTestServer()]);
  await server.create(
    'liferay',
    `${translated()}; INSERT INTO DLFolder (folderId, ctCollectionId, modifiedDate) VALUES (1, 0, NULL);`,
  );
  await postgres.create(
    'liferay',
    `${libraryDatabase}; INSERT INTO dlfolder (folderid, ctcollectionid) VALUES (1, 0);`,
  );
  const selection = { schemas: ['lpartition_2'], ignoreSchemas: [], withoutData: [] };
  const dump = await server.engine.dump(dumpRequest(server, 'liferay', store, { selection }));
  expect(dump.liferayBuild).toBe(7413);
  await postgres.engine.dump(dumpRequest(postgres, 'liferay', reference));
});
afterAll(async () => {
  await server?.remove();
  await postgres?.stop();
});

const path = (table: LibraryTable) => `attempts/1/database/library-rows/${table}.jsonl.zst`;

describe('library rows', () => {
  it.each(libraryTables)('are those that PostgreSQL gives, in the same order: %s', (table) => {
    const schema = libraryRowSchemas[table];
    const expected = storedLines(reference, path(table)).map((row) => schema.parse(row));
    expect(expected.length).toBeGreaterThan(1);
    const found = storedLines(store, path(table));
    expect(found.map((row) => Object.keys(schema.parse(row)))).toEqual(
      found.map(() => Object.keys(schema.shape)),
    );
    expect(found).toEqual(
      expected.map((row) => ({ ...row, schema: row.schema === 'public' ? 'liferay' : row.schema })),
    );
  });

  it('of a live database are the same as those of a dump', async () => {
    await server.create(
      'live',
      'CREATE TABLE image (imageid bigint, companyid bigint, type_ varchar(9)) CHARACTER SET latin1; INSERT INTO image VALUES (1, 1, "z"), (1, 1, "é"), (1, 1, "Z"), (2, 1, NULL)',
    );
    const own = new MemoryStore();
    const dump = await server.engine.dump(dumpRequest(server, 'live', own));
    const rows = await server.engine.exportLibraryRows({
      connection: server.connection('live'),
      store: own,
      prefix: 'retail/prd/restores/r/',
      folder: 'rows/',
      signal: new AbortController().signal,
    });
    expect(rows.map(({ table, rows: count, sha256 }) => ({ table, count, sha256 }))).toEqual(
      dump.libraryRows.map(({ table, rows: count, sha256 }) => ({ table, count, sha256 })),
    );
    const keys = storedLines(own, path('Image')).map((row) => libraryRowSchemas.Image.parse(row).key);
    expect(keys).toEqual([null, '1/0/1.Z/1.0', '1/0/1.z/1.0', '1/0/1.é/1.0']);
  });

  it('leave nothing in the store when they fail', async () => {
    const failing = new MemoryStore();
    const put = failing.put.bind(failing);
    let puts = 0;
    failing.put = async (...args) => {
      puts += 1;
      if (puts === 3) throw new Error('the store is gone');
      return await put(...args);
    };
    const exporting = server.engine.exportLibraryRows({
      connection: server.connection('liferay'),
      store: failing,
      prefix: 'p/',
      folder: 'rows/',
      signal: new AbortController().signal,
    });
    await expect(exporting).rejects.toThrow('the store is gone');
    expect(failing.keys()).toEqual([]);
  });
});
