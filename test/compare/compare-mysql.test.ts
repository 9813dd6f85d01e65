import { findMariadb, type MariadbServer, throwawayMariadb } from '@lcb/database-dump/testing';
import { requireOrSkip } from '@lcb/embedded-postgres/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createMysqlDatabase,
  fillMysql,
  type TemporaryFolder,
  temporaryFolder,
  tiny,
} from '../fixtures/index.ts';
import { databaseOf, withConnection } from '../fixtures/mysql/connect.ts';
import { quoted } from '../fixtures/mysql/dialect.ts';
import { type ComparedEnvironment, compareEnvironments } from './compare-environments.ts';
import type { ComparisonReport, DifferenceKind } from './report.ts';

const spec = tiny({
  companies: 2,
  partitioned: true,
  sitesPerCompany: 1,
  webContent: { rowsPerCompany: 2, charactersPerRow: 100 },
});

/** Changes that don't touch one another, and the one thing that each makes different. */
const CHANGES: readonly [string, string, DifferenceKind, string][] = [
  [
    'a changed row',
    `update lportal.User_ set greeting = 'x' where screenName = 'user-3'`,
    'rows',
    'lportal.User_',
  ],
  [
    'a removed row of a partition',
    `delete from {partition}.DLFolder order by folderId desc limit 1`,
    'rows',
    'partition.DLFolder',
  ],
  ['an added row', `insert into lportal.EmptyTable values (1, 2, null)`, 'rows', 'lportal.EmptyTable'],
  ['null instead of an empty text', `update lportal.Address set street2 = null`, 'rows', 'lportal.Address'],
  [
    'another case, equal by collation',
    `update lportal.ClassName_ set value = upper(value) where classNameId = 1`,
    'rows',
    'lportal.ClassName_',
  ],
  [
    'one of two equal rows without a key',
    `delete from lportal.KeylessLog limit 1`,
    'rows',
    'lportal.KeylessLog',
  ],
  [
    'a byte of a blob',
    `update lportal.CTSContent set data_ = insert(data_, 5, 1, char(ascii(substr(data_, 5, 1)) ^ 1)) order by ctsContentId limit 1`,
    'rows',
    'lportal.CTSContent',
  ],
  ['a bit', 'update lportal.`odd``types` set bits = bits ^ 1 where id = 2', 'rows', 'lportal.odd`types'],
  [
    'a zero date that became null',
    'update {partition}.`odd``types` set day = null where id = 1',
    'rows',
    'partition.odd`types',
  ],
  [
    'a moved automatic counter',
    `alter table lportal.custom_ticket auto_increment 5000`,
    'sequence value',
    'lportal.custom_ticket',
  ],
  [
    'a moved sequence',
    `select setval(lportal.ticket_numbers, 2000)`,
    'sequence value',
    'lportal.ticket_numbers',
  ],
  [
    'another sequence step',
    `alter sequence lportal.ticket_numbers increment 8`,
    'sequence',
    'lportal.ticket_numbers',
  ],
  [
    'a missing index',
    `drop index IX_8F6C75D0 on lportal.DLFileEntry`,
    'index',
    'lportal.DLFileEntry.IX_8F6C75D0',
  ],
  [
    'an index on other columns',
    `alter table {partition}.DLFileEntry drop index IX_8F6C75D0, add index IX_8F6C75D0 (name, folderId)`,
    'index',
    'partition.DLFileEntry.IX_8F6C75D0',
  ],
  [
    'a missing check',
    'alter table lportal.custom_ticket drop constraint `amount is sane`',
    'constraint',
    'lportal.custom_ticket.amount is sane',
  ],
  [
    'another column default',
    `alter table lportal.custom_ticket alter amount set default 0.51`,
    'column',
    'lportal.custom_ticket.amount',
  ],
  [
    'a longer column type',
    `alter table lportal.User_ modify jobTitle varchar(101)`,
    'column',
    'lportal.User_.jobTitle',
  ],
  ['another engine', `alter table lportal.EmptyTable engine MyISAM`, 'table', 'lportal.EmptyTable'],
  ['a lost comment', `alter table lportal.custom_ticket comment ''`, 'table', 'lportal.custom_ticket'],
  ['another default collation', `alter database lportal collate utf8mb4_bin`, 'schema', 'lportal'],
  [
    'another view',
    `create or replace view lportal.a_view_of_a_view as select title, 'x' as note from lportal.published_files`,
    'view',
    'lportal.a_view_of_a_view',
  ],
  [
    'a view of another database',
    `create or replace view {partition}.Counter as select * from {partition}.ClassName_`,
    'view',
    'partition.Counter',
  ],
  [
    'a missing trigger',
    `drop trigger lportal.custom_ticket_subject_trimmed`,
    'trigger',
    'lportal.custom_ticket_subject_trimmed',
  ],
  [
    'another function',
    `drop function lportal.shout; create function lportal.shout(what text) returns text deterministic return what`,
    'function',
    'lportal.shout (function)',
  ],
  [
    'a missing procedure',
    `drop procedure lportal.close_tickets`,
    'function',
    'lportal.close_tickets (procedure)',
  ],
  [
    'an event switched off',
    `alter event lportal.nightly_clean_up disable`,
    'event',
    'lportal.nightly_clean_up',
  ],
  ['a missing event', `drop event {partition}.switched_off`, 'event', 'partition.switched_off'],
];

const withMariadb = await requireOrSkip('MariaDB', findMariadb);

withMariadb('compareEnvironments on MariaDB', () => {
  let server: MariadbServer;
  let library: TemporaryFolder;
  let original: ComparedEnvironment;
  beforeAll(async () => {
    server = await throwawayMariadb();
    library = await temporaryFolder();
    original = await filled('lportal', 'lpartition_');
  });
  afterAll(async () => {
    await library[Symbol.asyncDispose]();
    await server.remove();
  });

  async function filled(name: string, partitionPrefix: string): Promise<ComparedEnvironment> {
    const databaseUrl = await createMysqlDatabase(server.url, name);
    const { databases } = await fillMysql({ ...spec, partitionPrefix }, databaseUrl);
    return { databaseUrl, partitions: databases.slice(1), libraryFolder: library.path };
  }

  /** Runs statements in a copy; `lportal` and `{partition}` stand for its databases. */
  async function change({ databaseUrl, partitions = [] }: ComparedEnvironment, sql: string) {
    await withConnection(databaseUrl, async (connection) => {
      const own = sql
        .replaceAll('lportal', quoted(databaseOf(databaseUrl)))
        .replaceAll('{partition}', quoted(partitions[0] ?? ''));
      for (const statement of own.split('; ')) await connection.query(statement);
    });
  }

  it('finds two equal environments equal, whatever their databases are called, and counts what it saw', async () => {
    const b = await filled('same', 'same_');
    const report = await compareEnvironments({ a: original, b });
    expect(report).toMatchObject({ equal: true, differences: [], differenceTotal: 0 });
    expect(report.figures.a).toEqual(report.figures.b);
    expect(report.figures.a).toMatchObject({ schemas: 2, sequences: 4 });
    expect(report.figures.a.tables).toBeGreaterThan(40);
    expect(report.figures.a.rows).toBeGreaterThan(300);
  });

  it('finds a missing table, with its parts', async () => {
    const b = await filled('lacking', 'lacking_');
    await change(b, 'drop table {partition}.EmptyTable');
    const report = await compareEnvironments({ a: original, b });
    expect(report.differenceCounts).toEqual({ table: 1, column: 3, index: 1 });
    expect(report.differences[0]).toMatchObject({ kind: 'table', name: 'lpartition_20134.EmptyTable' });
  });

  it('gives no verdict about two kinds of database, or about partitions of one side only', async () => {
    const postgresql = { ...original, databaseUrl: 'postgres://127.0.0.1/x' };
    await expect(compareEnvironments({ a: original, b: postgresql })).rejects.toThrow('PostgreSQL');
    const alone = { ...original, partitions: [] };
    await expect(compareEnvironments({ a: original, b: alone })).rejects.toThrow('name the partitions');
  });

  describe('with a change of each kind', () => {
    let report: ComparisonReport;
    beforeAll(async () => {
      const copy = await filled('a changed `copy`', 'changed_');
      for (const [, sql] of CHANGES) await change(copy, sql);
      report = await compareEnvironments({ a: original, b: copy });
    });

    it.each(CHANGES)('finds %s', (_title, _sql, kind, name) => {
      const found = report.differences.filter((difference) => difference.name === labelled(name));
      expect(found).toContainEqual({ kind, name: labelled(name), detail: expect.any(String) });
    });

    it('finds nothing else', () => {
      const found = report.differences.map(({ kind, name }) => `${kind}: ${name}`);
      expect(found.sort()).toEqual(CHANGES.map(([, , kind, name]) => `${kind}: ${labelled(name)}`).sort());
    });

    it('names the first row that differs', () => {
      const user = report.differences.find(({ name }) => name === 'lportal.User_');
      expect(user?.detail).toMatch(
        /^rows a: \d+, b: \d+; first difference at row 4: a: 0\t0\t.* \| b: 0\t0\t/,
      );
    });
  });
});

function labelled(name: string): string {
  return name.replace(/^partition\./, 'lpartition_20134.');
}
