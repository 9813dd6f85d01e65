import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { libraryDatabase } from '../../testing/library-database.ts';
import { MemoryStore } from '../../testing/memory-store.ts';
import { dumpRequest } from '../../testing/requests.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.stop());

describe('the library of a live database', () => {
  it('gives the same rows as a dump of it', async () => {
    await server.create('live', libraryDatabase);
    const store = new MemoryStore();
    const dump = await server.engine.dump(dumpRequest(server, 'live', store));
    const rows = await server.engine.exportLibraryRows({
      connection: server.connection('live'),
      store,
      prefix: 'retail/prd/restores/r/',
      folder: 'rows/',
      signal: new AbortController().signal,
    });
    expect(rows.map(({ table, rows: count, sha256 }) => ({ table, count, sha256 }))).toEqual(
      dump.libraryRows.map(({ table, rows: count, sha256 }) => ({ table, count, sha256 })),
    );
  });

  it('leaves nothing in the store when it fails', async () => {
    await server.create('failing', libraryDatabase);
    const store = new MemoryStore();
    const put = store.put.bind(store);
    let puts = 0;
    store.put = async (...args) => {
      puts += 1;
      if (puts === 3) throw new Error('the store is gone');
      return await put(...args);
    };
    const exporting = server.engine.exportLibraryRows({
      connection: server.connection('failing'),
      store,
      prefix: 'p/',
      folder: 'rows/',
      signal: new AbortController().signal,
    });
    await expect(exporting).rejects.toThrow('the store is gone');
    expect(store.keys()).toEqual([]);
  });

  it('loses the rows that point at generated files, of all companies or of some, in any case of names', async () => {
    await server.create(
      'previews',
      `CREATE SCHEMA lpartition_2;
       CREATE TABLE dlfileversionpreview (id int, companyid bigint);
       INSERT INTO dlfileversionpreview VALUES (1, 20097), (2, 20097), (3, 9);
       CREATE TABLE lpartition_2."AMImageEntry" (id int, "companyId" bigint);
       INSERT INTO lpartition_2."AMImageEntry" VALUES (1, 9), (2, 9);
       CREATE VIEW lpartition_2.dlfileversionpreview AS SELECT * FROM public.dlfileversionpreview;`,
    );
    const connection = server.connection('previews');
    expect(await server.engine.clearGeneratedRows(connection, { companyIds: ['20097'] })).toEqual({
      rows: 2,
    });
    expect(await server.engine.clearGeneratedRows(connection)).toEqual({ rows: 3 });
    expect(await server.engine.clearGeneratedRows(connection)).toEqual({ rows: 0 });
  });

  it('needs none of these tables', async () => {
    await server.create('without', 'SELECT 1');
    expect(await server.engine.clearGeneratedRows(server.connection('without'))).toEqual({ rows: 0 });
  });
});
