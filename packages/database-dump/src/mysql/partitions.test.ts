import { type DatabaseDump, libraryRowSchemas } from '@lcb/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryStore } from '../testing/memory-store.ts';
import { type MysqlServer, startMysqlServer } from '../testing/mysql-server.ts';
import { dumpRequest, loadRequest, storedLines } from '../testing/requests.ts';

let server: MysqlServer;
let dump: DatabaseDump;
const store = new MemoryStore();
const runId = 'retail-prd-restore-20251109-150000';

/** A virtual instance as Liferay makes it: its own tables, and views of the shared ones. */
const partition = (main: string, id: number) => `
  CREATE VIEW Company AS SELECT * FROM ${main}.Company WHERE companyId = ${id};
  CREATE TABLE DLFileEntry (fileEntryId bigint PRIMARY KEY, companyId bigint, groupId bigint, repositoryId bigint, folderId bigint, name varchar(255), size_ bigint);
  INSERT INTO DLFileEntry VALUES (${id}0, ${id}, 5, 5, 0, '${id}01', 11);
  CREATE TABLE AMImageEntry (id int PRIMARY KEY, companyId bigint); INSERT INTO AMImageEntry VALUES (1, ${id});
  CREATE TRIGGER seen AFTER INSERT ON DLFileEntry FOR EACH ROW UPDATE ${main}.Company SET webId = 'seen' WHERE companyId = ${id};`;

beforeAll(async () => {
  server = await startMysqlServer();
  const company =
    'CREATE TABLE Company (companyId bigint PRIMARY KEY, webId varchar(75), mx varchar(75), active_ tinyint)';
  await server.create(
    'lportal',
    `${company}; INSERT INTO Company VALUES (1, 'one', 'one', 1), (2, 'two', NULL, 0);
     CREATE TABLE AMImageEntry (id int PRIMARY KEY, companyId bigint); INSERT INTO AMImageEntry VALUES (1, 9)`,
  );
  await server.create('lpartition_1', partition('lportal', 1));
  await server.create('odd prefix 2', partition('lportal', 2));
  // Of another environment on the same server.
  await server.create('other', `${company}; INSERT INTO Company VALUES (3, 'three', NULL, 1)`);
  await server.create('lpartition_3', partition('other', 3));
  dump = await server.engine.dump(dumpRequest(server, 'lportal', store));
});
afterAll(() => server?.remove());

const webId = (database: string, id: number) =>
  server.value(database, `SELECT webId FROM Company WHERE companyId = ${id}`);
const exists = async (database: string) =>
  (await server.value(
    undefined,
    `SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = '${database}'`,
  )) !== 0;

describe('virtual instances with databases of their own', () => {
  it('are found by what they look into, and dumped of one moment', async () => {
    expect((await server.engine.inspect(server.connection('lportal'))).schemas).toEqual([
      'lportal',
      'lpartition_1',
      'odd prefix 2',
    ]);
    expect(dump).toMatchObject({
      database: 'lportal',
      schemas: ['lportal', 'lpartition_1', 'odd prefix 2'],
      leftOut: { schemas: [], data: [] },
      moment: 'shared',
      tables: { count: 6, rows: 7, sourceRows: 7 },
    });
    expect(dump.parts.map(({ path, schema }) => [path.replace(/.*\//, ''), schema])).toEqual([
      ['dump-0001.sql.zst', 'lportal'],
      ['dump-0002.sql.zst', 'lpartition_1'],
      ['dump-0003.sql.zst', 'odd prefix 2'],
      ['dump-0004.sql.zst', 'lportal'],
      ['dump-0005.sql.zst', 'lpartition_1'],
      ['dump-0006.sql.zst', 'odd prefix 2'],
    ]);
  });

  it('have their library rows beside those of the others', () => {
    const rows = storedLines(store, 'attempts/1/database/library-rows/DLFileEntry.jsonl.zst');
    expect(
      rows.map((row) => libraryRowSchemas.DLFileEntry.parse(row)).map((row) => [row.schema, row.fileEntryId]),
    ).toEqual([
      ['lpartition_1', '10'],
      ['odd prefix 2', '20'],
    ]);
    // Views of the shared table do not count twice.
    expect(storedLines(store, 'attempts/1/database/library-rows/Company.jsonl.zst')).toHaveLength(2);
  });

  it('get names of their own beside the source, and look into the copy', async () => {
    const load = await server.engine.load(loadRequest(server, 'copy', store, dump));
    expect(load).toMatchObject({ tables: 6, rows: 7, differences: [] });
    await server.run('copy_lpartition_1', 'INSERT INTO DLFileEntry (fileEntryId) VALUES (99)');
    expect(await webId('copy', 1)).toBe('seen');
    expect(await webId('copy_lpartition_1', 1)).toBe('seen');
    expect(await webId('lportal', 1)).toBe('one');
    expect(await webId('copy_odd prefix 2', 2)).toBe('two');

    // The copy is an environment like any other.
    expect((await server.engine.inspect(server.connection('copy'))).schemas).toEqual([
      'copy',
      'copy_lpartition_1',
      'copy_odd prefix 2',
    ]);
    await server.engine.dropTarget(server.connection('copy'), runId);
    expect(await exists('copy')).toBe(false);
    expect(await exists('copy_lpartition_1')).toBe(false);
    expect(await exists('lpartition_1')).toBe(true);
  });

  it('are not touched where they are in the way', async () => {
    await server.create('half_lpartition_1', 'CREATE TABLE theirs (i int)');
    const loading = server.engine.load(loadRequest(server, 'half', store, dump));
    await expect(loading).rejects.toMatchObject({ code: 'database.targetOccupied' });
    await expect(loading).rejects.toThrow('half_lpartition_1');
    expect(await exists('half')).toBe(false);
  });

  it('keep their names beside a main database of the same name', async () => {
    const elsewhere = await startMysqlServer({ lower_case_table_names: '1' });
    try {
      const load = await elsewhere.engine.load(loadRequest(elsewhere, 'lportal', store, dump));
      // A server that does not heed case has stored the names in lower case.
      expect(load).toMatchObject({ tables: 6, rows: 7, differences: [] });
      expect(await elsewhere.value('lpartition_1', 'SELECT webId FROM company')).toBe('one');
      const again = new MemoryStore();
      const second = await elsewhere.engine.dump(dumpRequest(elsewhere, 'LPORTAL', again));
      expect(second.schemas).toEqual(['lportal', 'lpartition_1', 'odd prefix 2']);
      expect(second.libraryRows.map(({ table, rows }) => [table, rows])).toEqual([
        ['Company', 2],
        ['DLFileEntry', 2],
      ]);
    } finally {
      await elsewhere.remove();
    }
  });

  it('lose the rows of generated files with the others, and no other environment does', async () => {
    await server.engine.load(loadRequest(server, 'cleared', store, dump));
    const connection = server.connection('cleared');
    expect(await server.engine.clearGeneratedRows(connection, { companyIds: ['1'] })).toEqual({ rows: 1 });
    expect(await server.engine.clearGeneratedRows(connection, { companyIds: [] })).toEqual({ rows: 0 });
    expect(await server.engine.clearGeneratedRows(connection)).toEqual({ rows: 2 });
    expect(Number(await server.value('lpartition_1', 'SELECT COUNT(*) FROM AMImageEntry'))).toBe(1);
  });

  it('can be chosen by hand', async () => {
    const selection = {
      schemas: ['LPARTITION_*'],
      ignoreSchemas: ['*_3'],
      withoutData: ['amimage*', 'lportal.company'],
    };
    const chosen = new MemoryStore();
    const made = await server.engine.dump(dumpRequest(server, 'lportal', chosen, { selection }));
    expect(made.schemas).toEqual(['lportal', 'lpartition_1']);
    expect(made.leftOut).toEqual({
      schemas: ['lpartition_3', 'odd prefix 2'],
      data: [
        { schema: 'lpartition_1', table: 'AMImageEntry' },
        { schema: 'lportal', table: 'AMImageEntry' },
        { schema: 'lportal', table: 'Company' },
      ],
    });
    expect(storedLines(chosen, made.tables.path)).toEqual([
      { schema: 'lpartition_1', table: 'AMImageEntry', rows: 0, sourceRows: 0, withoutData: true },
      { schema: 'lpartition_1', table: 'DLFileEntry', rows: 1, sourceRows: 1 },
      { schema: 'lportal', table: 'AMImageEntry', rows: 0, sourceRows: 0, withoutData: true },
      { schema: 'lportal', table: 'Company', rows: 0, sourceRows: 0, withoutData: true },
    ]);
    const load = await server.engine.load(loadRequest(server, 'chosen', chosen, made));
    expect(load).toMatchObject({ tables: 4, rows: 1, differences: [] });
  });

  it('can not be all that is left: the main database belongs to it', async () => {
    const selection = { ignoreSchemas: ['lp*'], withoutData: [] };
    const inspecting = server.engine.inspect(server.connection('lportal'), selection);
    await expect(inspecting).rejects.toMatchObject({ code: 'database.nothingSelected' });
  });
});
