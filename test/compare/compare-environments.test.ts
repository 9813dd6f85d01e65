import { appendFile, cp, mkdir, open, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { requireOrSkip, type ThrowawayServer, throwawayServer } from '@lcb/embedded-postgres/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  createDatabase,
  describeObjects,
  fillLibraryFolder,
  fillPostgresql,
  type TemporaryFolder,
  temporaryFolder,
  tiny,
} from '../fixtures/index.ts';
import { withClient } from '../fixtures/postgresql/connect.ts';
import { compareEnvironments } from './compare-environments.ts';
import type { DifferenceKind } from './report.ts';

const spec = tiny({ companies: 2, partitioned: true, largeObjects: { ctsContent: 2, dlContent: 1 } });
const LARGE_OBJECT = 4_000_000_000; // an oid beyond the range of a signed integer
const LARGE_OBJECT_BYTES = 2_500_000; // longer than what the judge hashes in one query

/** Each change of a database, and the one thing that it makes different. */
const DATABASE_CHANGES: readonly [string, string, DifferenceKind, string][] = [
  [
    'a changed row',
    `update lportal.user_ set greeting = 'x' where screenname = 'user-3'`,
    'rows',
    'lportal.user_',
  ],
  [
    'a removed row',
    `delete from lpartition_20134.dlfolder where folderid = (select max(folderid) from lpartition_20134.dlfolder)`,
    'rows',
    'lpartition_20134.dlfolder',
  ],
  ['an added row', `insert into lportal.emptytable values (1, 2, null)`, 'rows', 'lportal.emptytable'],
  ['null instead of an empty text', `update lportal.address set street2 = null`, 'rows', 'lportal.address'],
  [
    'one of two equal rows',
    `delete from lportal.keylesslog where ctid = (select min(ctid) from lportal.keylesslog)`,
    'rows',
    'lportal.keylesslog',
  ],
  [
    'a byte in a bytea',
    `update lportal."Custom ""Objects""; it's – ünïcode" set "Bytes" = set_byte("Bytes", 0, 255 - get_byte("Bytes", 0)) where "Row Id" = (select max("Row Id") from lportal."Custom ""Objects""; it's – ünïcode" where length("Bytes") > 0)`,
    'rows',
    `lportal.Custom "Objects"; it's – ünïcode`,
  ],
  [
    'a moved sequence',
    `select nextval('lportal.ticket_number_seq')`,
    'sequence value',
    'lportal.ticket_number_seq',
  ],
  [
    'a sequence called for the first time',
    `select nextval('lportal.never_used_seq')`,
    'sequence value',
    'lportal.never_used_seq',
  ],
  [
    'another sequence step',
    `alter sequence lportal.ticket_number_seq increment 8`,
    'sequence',
    'lportal.ticket_number_seq',
  ],
  [
    'a byte of a large object',
    `select lo_put(${LARGE_OBJECT}, ${LARGE_OBJECT_BYTES - 1}, '\\x01')`,
    'large object content',
    String(LARGE_OBJECT),
  ],
  [
    'a longer large object',
    `select lo_put(${LARGE_OBJECT}, ${LARGE_OBJECT_BYTES}, '\\x00')`,
    'large object content',
    String(LARGE_OBJECT),
  ],
  [
    'a removed large object',
    `select lo_unlink(${LARGE_OBJECT})`,
    'large object missing',
    String(LARGE_OBJECT),
  ],
  ['an added large object', `select lo_create(4100000000)`, 'large object added', '4100000000'],
  ['a missing index', `drop index lportal.ix_8f6c75d0`, 'index', 'lportal.ix_8f6c75d0'],
  [
    'an index on other columns',
    `drop index lportal.ix_8f6c75d0; create index ix_8f6c75d0 on lportal.dlfileentry (name, folderid)`,
    'index',
    'lportal.ix_8f6c75d0',
  ],
  [
    'a missing constraint',
    `alter table lportal.custom_ticket drop constraint "priority is sane"`,
    'constraint',
    'lportal.custom_ticket.priority is sane',
  ],
  [
    'another column default',
    `alter table lportal.custom_ticket alter priority set default 0.51`,
    'column',
    'lportal.custom_ticket.priority',
  ],
  [
    'a column that may be null',
    `alter table lportal.custom_ticket alter subject drop not null`,
    'column',
    'lportal.custom_ticket.subject',
  ],
  [
    'a longer column type',
    `alter table lportal.user_ alter jobtitle type varchar(101)`,
    'column',
    'lportal.user_.jobtitle',
  ],
  [
    'another view',
    `create or replace view lportal.published_files as select e.fileentryid, e.title, e.version, e.size_ from lportal.dlfileentry e`,
    'view',
    'lportal.published_files',
  ],
  [
    'a missing rule',
    `drop rule delete_dlcontent_data_ on lportal.dlcontent`,
    'rule',
    'lportal.dlcontent.delete_dlcontent_data_',
  ],
  [
    'an added function',
    `create function lportal.f() returns int language sql return 1`,
    'function',
    'lportal.f()',
  ],
  ['an added type', `create type lportal.mood as enum ('sad', 'ok')`, 'type', 'lportal.mood'],
  ['an added schema', `create schema leftover`, 'schema', 'leftover'],
  ['a lost comment', `comment on table lportal.custom_ticket is null`, 'comment', 'lportal.custom_ticket'],
  ['an unlogged table', `alter table lportal.emptytable set unlogged`, 'table', 'lportal.emptytable'],
];

const key = [...describeObjects(spec)].find(({ size }) => size > 1_000)?.key ?? '';

/** Each change of a library, and the differences that it makes. */
const LIBRARY_CHANGES: readonly [string, (folder: string) => Promise<void>, DifferenceKind, string][] = [
  ['a flipped byte', (folder) => keepingTime(join(folder, key), flipByte), 'object content', key],
  [
    'a longer object',
    (folder) => keepingTime(join(folder, key), (path) => appendFile(path, 'x')),
    'object size',
    key,
  ],
  ['a removed object', (folder) => rm(join(folder, key)), 'object missing', key],
  [
    'an added object',
    (folder) => addObject(join(folder, '20097/1/new/1.0')),
    'object added',
    '20097/1/new/1.0',
  ],
  ['a time moved by a millisecond', (folder) => moveTime(join(folder, key)), 'object mtime', key],
];

let server: ThrowawayServer | undefined;
const withPostgres = await requireOrSkip('an embedded PostgreSQL server', async () => {
  server = await throwawayServer();
});

withPostgres('compareEnvironments', () => {
  let library: TemporaryFolder | undefined;
  let original = { databaseUrl: '', libraryFolder: '' };
  let copies = 0;

  beforeAll(async () => {
    library = await temporaryFolder();
    const libraryFolder = join(library.path, 'original');
    const databaseUrl = await createDatabase(server?.url ?? '', 'original');
    await Promise.all([fillPostgresql(spec, databaseUrl), fillLibraryFolder(spec, libraryFolder)]);
    await withClient(databaseUrl, (client) =>
      client.query(
        `select lo_from_bytea(${LARGE_OBJECT}, decode(repeat('00', ${LARGE_OBJECT_BYTES}), 'hex'))`,
      ),
    );
    original = { databaseUrl, libraryFolder };
  });
  afterAll(async () => {
    await library?.[Symbol.asyncDispose]();
    await server?.remove();
  });

  const copyDatabase = () => createDatabase(server?.url ?? '', `copy_${copies++}`, 'original');
  const copyLibrary = async () => {
    const folder = join(library?.path ?? '', `copy-${copies++}`);
    await cp(original.libraryFolder, folder, { recursive: true, preserveTimestamps: true });
    return folder;
  };

  it('finds two equal environments equal and counts what it saw', async () => {
    const b = { databaseUrl: await copyDatabase(), libraryFolder: await copyLibrary() };
    const report = await compareEnvironments({ a: original, b });
    expect(report).toMatchObject({ equal: true, differences: [], differenceTotal: 0 });
    expect(report.figures.a).toEqual(report.figures.b);
    expect(report.figures.a).toMatchObject({ schemas: 3, sequences: 6, largeObjects: 7 });
    expect(report.figures.a.objects).toBe([...describeObjects(spec)].length);
    expect(report.figures.a.bytes).toBe(describeObjects(spec).reduce((total, { size }) => total + size, 0));
  });

  it.each(DATABASE_CHANGES)('finds %s', async (_title, sql, kind, name) => {
    const databaseUrl = await copyDatabase();
    await withClient(databaseUrl, (client) => client.query(sql));
    const report = await compareEnvironments({ a: original, b: { ...original, databaseUrl } });
    expect(report.equal).toBe(false);
    expect(report.differences).toContainEqual({ kind, name, detail: expect.any(String) });
    expect(new Set(report.differences.map((difference) => difference.name))).toEqual(new Set([name]));
  });

  it('finds a missing table, with its parts', async () => {
    const databaseUrl = await copyDatabase();
    await withClient(databaseUrl, (client) => client.query('drop table lpartition_20134.emptytable'));
    const report = await compareEnvironments({ a: original, b: { ...original, databaseUrl } });
    expect(report.differences).toContainEqual(
      expect.objectContaining({ kind: 'table', name: 'lpartition_20134.emptytable' }),
    );
    expect(report.figures.b.tables).toBe(report.figures.a.tables - 1);
  });

  it.each(LIBRARY_CHANGES)('finds %s', async (_title, change, kind, name) => {
    const libraryFolder = await copyLibrary();
    await change(libraryFolder);
    const report = await compareEnvironments({ a: original, b: { ...original, libraryFolder } });
    expect(report.equal).toBe(false);
    expect(report.differences).toEqual([{ kind, name, detail: expect.any(String) }]);
  });

  it('names the first row that differs', async () => {
    const databaseUrl = await copyDatabase();
    await withClient(databaseUrl, (client) =>
      client.query(`delete from lportal.release_ where releaseid = 3`),
    );
    const { differences } = await compareEnvironments({ a: original, b: { ...original, databaseUrl } });
    expect(differences[0]?.detail).toMatch(
      /^rows a: 3, b: 2; first difference at row 3: a: 0\t3\t.* \| b: \(no row\)$/,
    );
  });

  it('counts all differences but names only as many as asked for', async () => {
    await using empty = await temporaryFolder();
    const b = { ...original, libraryFolder: empty.path };
    const report = await compareEnvironments({ a: original, b, limit: 5 });
    expect(report.differences).toHaveLength(5);
    expect(report.differenceCounts).toEqual({ 'object missing': report.figures.a.objects });
    expect(report.differenceTotal).toBe(report.figures.a.objects);
  });

  it('gives no verdict when a side cannot be read', async () => {
    const b = { ...original, libraryFolder: join(original.libraryFolder, 'nowhere') };
    await expect(compareEnvironments({ a: original, b })).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

/** Changes a file and gives it its old modification time back. */
async function keepingTime(path: string, change: (path: string) => Promise<void>): Promise<void> {
  const { mtime } = await stat(path);
  await change(path);
  await utimes(path, mtime, mtime);
}

async function flipByte(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, 500);
    await file.write(Buffer.of((buffer[0] ?? 0) ^ 1), 0, 1, 500);
  } finally {
    await file.close();
  }
}

async function addObject(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, 'new');
}

async function moveTime(path: string): Promise<void> {
  const { mtime } = await stat(path);
  await utimes(path, mtime, new Date(mtime.getTime() + 1));
}
