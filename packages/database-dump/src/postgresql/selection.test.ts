import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryStore } from '../testing/memory-store.ts';
import { dumpRequest, loadRequest, storedLines } from '../testing/requests.ts';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.create(
    'source',
    `CREATE SCHEMA "Odd.*Name"; CREATE SCHEMA scratch; CREATE SCHEMA oddx;
     CREATE TABLE dlcontent (id int, data_ oid); INSERT INTO dlcontent VALUES (1, lo_from_bytea(0, 'abc'));
     CREATE TABLE "AMImageEntry" (i int); INSERT INTO "AMImageEntry" VALUES (1), (2);
     CREATE TABLE "Odd.*Name"."we""ird.t*" (i int); INSERT INTO "Odd.*Name"."we""ird.t*" VALUES (1);
     CREATE TABLE "Odd.*Name".kept (i int); INSERT INTO "Odd.*Name".kept VALUES (1), (2), (3);
     CREATE TABLE scratch.dlfileentry (fileentryid bigint); INSERT INTO scratch.dlfileentry VALUES (1);
     CREATE SEQUENCE scratch.s; CREATE SEQUENCE own; CREATE TABLE oddx.t (i int)`,
  );
});
afterAll(() => server?.stop());

describe('the selection of a dump', () => {
  it('leaves out schemas and rows, by exact names, and keeps large objects', async () => {
    const store = new MemoryStore();
    const selection = {
      ignoreSchemas: ['SCRATCH'],
      withoutData: ['amimageentry', 'odd.[*]name.*', 'Odd.*Name.we"ird.t*'],
    };
    const dump = await server.engine.dump(dumpRequest(server, 'source', store, { selection }));
    expect(dump).toMatchObject({
      schemas: ['Odd.*Name', 'oddx', 'public'],
      leftOut: {
        schemas: ['scratch'],
        data: [
          { schema: 'Odd.*Name', table: 'we"ird.t*' },
          { schema: 'public', table: 'AMImageEntry' },
        ],
      },
      sequences: { count: 1, sourceCount: 1 },
      largeObjects: { count: 1, sourceCount: 1 },
      libraryRows: [],
    });
    expect(storedLines(store, dump.tables.path)).toEqual([
      { schema: 'Odd.*Name', table: 'kept', rows: 3, sourceRows: 3 },
      { schema: 'Odd.*Name', table: 'we"ird.t*', rows: 0, sourceRows: 0, withoutData: true },
      { schema: 'oddx', table: 't', rows: 0, sourceRows: 0 },
      { schema: 'public', table: 'AMImageEntry', rows: 0, sourceRows: 0, withoutData: true },
      { schema: 'public', table: 'dlcontent', rows: 1, sourceRows: 1 },
    ]);
    const load = await server.engine.load(loadRequest(server, 'copy', store, dump));
    expect(load).toMatchObject({ tables: 5, rows: 4, sequences: 1, largeObjects: 1, differences: [] });
  });

  it('may be the schemas that are wanted', async () => {
    const store = new MemoryStore();
    const selection = { schemas: ['odd*'], ignoreSchemas: ['oddx'], withoutData: [] };
    const dump = await server.engine.dump(dumpRequest(server, 'source', store, { selection }));
    expect(dump.schemas).toEqual(['Odd.*Name']);
    expect(dump.largeObjects).toEqual({ count: 1, sourceCount: 1 });
    const load = await server.engine.load(loadRequest(server, 'odd copy', store, dump));
    expect(load).toMatchObject({ tables: 2, rows: 4, differences: [] });
    const facts = await server.engine.inspect(server.connection('source'), selection);
    expect(facts).toMatchObject({ schemas: ['Odd.*Name'], tables: 2 });
  });

  it('must leave something', async () => {
    const selection = { schemas: ['nothing*'], ignoreSchemas: [], withoutData: [] };
    const inspecting = server.engine.inspect(server.connection('source'), selection);
    await expect(inspecting).rejects.toMatchObject({ code: 'database.nothingSelected', retryable: false });
  });
});
