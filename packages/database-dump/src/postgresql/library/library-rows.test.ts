import { type DatabaseDump, type LibraryTable, libraryRowSchemas, libraryTables } from '@lcb/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { libraryDatabase } from '../../testing/library-database.ts';
import { MemoryStore } from '../../testing/memory-store.ts';
import { dumpRequest, storedLines } from '../../testing/requests.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
let dump: DatabaseDump;
const store = new MemoryStore();
beforeAll(async () => {
  server = await startTestServer();
  await server.create('liferay', libraryDatabase);
  dump = await server.engine.dump(dumpRequest(server, 'liferay', store));
});
afterAll(() => server?.stop());

const linesOf = (table: LibraryTable) =>
  storedLines(store, `attempts/1/database/library-rows/${table}.jsonl.zst`);
const rowsOf = <Row>(table: LibraryTable, schema: z.ZodType<Row>): Row[] =>
  linesOf(table).map((line) => schema.parse(line));
const { Company, DLFolder, DLFileEntry, DLFileVersion, Image, Release_ } = libraryRowSchemas;

describe('library rows', () => {
  it('are written for each table that there is', () => {
    expect(dump.libraryRows.map(({ table, rows }) => [table, rows])).toEqual([
      ['Company', 2],
      ['DLFolder', 3],
      ['DLFileEntry', 5],
      ['DLFileVersion', 8],
      ['Image', 3],
      ['Release_', 2],
    ]);
    expect(dump.liferayBuild).toBe(7413);
  });

  it.each(libraryTables)('have the fields of the format, in its order: %s', (table) => {
    const { shape } = libraryRowSchemas[table];
    for (const line of linesOf(table)) {
      expect(Object.keys(z.record(z.string(), z.unknown()).parse(line))).toEqual(Object.keys(shape));
      expect(z.strictObject(shape).parse(line)).toEqual(line);
    }
  });

  it('have ids as text, sizes as numbers, times in UTC, and are sorted by id as a number', () => {
    expect(rowsOf('Company', Company)).toEqual([
      { schema: 'public', companyId: '9', webId: 'a"quote\\', mx: 'x', active_: null },
      { schema: 'public', companyId: '20097', webId: 'liferay.com', mx: 'liferay.com', active_: true },
    ]);
    expect(rowsOf('DLFolder', DLFolder).map((row) => row.folderId)).toEqual(['3', '20', '9007199254740993']);
    expect(rowsOf('DLFolder', DLFolder)[2]).toMatchObject({
      name: 'Umläute\n"🦊"\u0001',
      modifiedDate: '2025-06-01T00:00:00.000Z',
    });
    expect(rowsOf('Release_', Release_)[0]).toMatchObject({
      buildNumber: 7413,
      buildDate: '2025-01-02T03:04:05.678Z',
    });
    expect(
      rowsOf('DLFileEntry', DLFileEntry).map((row) => [row.fileEntryId, row.ctCollectionId, row.size_]),
    ).toEqual([
      ['50', '0', 1],
      ['100', '0', 11],
      ['101', '0', 22],
      ['101', '7', 33],
      ['102', '0', 1],
    ]);
  });

  it('give each version the key of its object, by its entry, sorted by the bytes of the key', () => {
    const rows = rowsOf('DLFileVersion', DLFileVersion);
    expect(rows.map((row) => [row.key, row.fileVersionId])).toEqual([
      // Without an entry there is no key.
      [null, '206'],
      ['20097/20/402/1.0', '202'],
      // In its publication the entry lies in another folder.
      ['20097/3/402/1.1', '203'],
      ['20097/5/401/1.0', '200'],
      ['20097/5/401/1.1~aaaa-bbbb', '201'],
      // The publication has no entry of its own.
      ['20097/5/401/1.2', '204'],
      ['20097/50/1000/1.0', '205'],
      ['9/6/7/1.0', '51'],
    ]);
    expect(rows[1]).toMatchObject({
      schema: 'public',
      name: '402',
      folderId: '20',
      repositoryId: '5',
      size_: 22,
    });
    expect(rows[7]).toMatchObject({
      schema: 'lpartition_2',
      ctCollectionId: '0',
      storeUUID: null,
      title: null,
    });
  });

  it('give each image the key of its object', () => {
    expect(rowsOf('Image', Image).map((row) => row.key)).toEqual([
      '20097/0/30.png/1.0',
      '20097/0/4.jpg/1.0',
      '9/0/5.gif/1.0',
    ]);
  });

  it('sort by bytes whatever the collation and encoding of the database', async () => {
    await server.run('postgres', `CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'`);
    await server.run(
      'latin',
      `CREATE TABLE image (imageid bigint, companyid bigint, type_ text);
       INSERT INTO image VALUES (1, 1, 'z'), (1, 1, 'é'), (1, 1, 'Z')`,
    );
    const other = new MemoryStore();
    const latin = await server.engine.dump(dumpRequest(server, 'latin', other));
    const keys = storedLines(other, latin.libraryRows[0]?.path ?? '').map((row) => Image.parse(row).key);
    expect(keys).toEqual(['1/0/1.Z/1.0', '1/0/1.z/1.0', '1/0/1.é/1.0']);
  });
});
