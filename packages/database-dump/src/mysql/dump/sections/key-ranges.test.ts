import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MysqlServer, startMysqlServer } from '../../../testing/mysql-server.ts';
import { parseEndpoint } from '../../connection/endpoint.ts';
import { withSession } from '../../connection/session.ts';
import { keyRanges, rangeClause } from './key-ranges.ts';

let server: MysqlServer;
beforeAll(async () => {
  server = await startMysqlServer();
  const table = (name: string, keys: string, type = 'bigint') =>
    `CREATE TABLE ${name} (id ${type} PRIMARY KEY, t varchar(400)); INSERT INTO ${name} SELECT ${keys}, REPEAT('x', 400) FROM seq_1_to_5000; ANALYZE TABLE ${name};`;
  await server.create(
    'keyed',
    [
      table('dense', 'seq'),
      table('far_apart', 'CAST(seq AS SIGNED) * 1000000007 - 3000000000000'),
      table('clustered', 'IF(seq <= 4900, seq, 9000000000000000000 + seq)'),
      table('large', '18446744073709551615 - seq', 'bigint UNSIGNED'),
      table('text_keys', 'seq', 'varchar(10)'),
      'CREATE TABLE empty_one (id bigint PRIMARY KEY);',
    ].join('\n'),
  );
});
afterAll(() => server?.remove());

const ranges = (table: string, pieces: number, type = 'bigint', rows = 5000) =>
  withSession(parseEndpoint(server.connection('keyed')), (session) =>
    keyRanges(session, { schema: 'keyed', table, rows, key: { name: 'id', type } }, pieces),
  );

describe('keyRanges', () => {
  it.each(['dense', 'far_apart', 'clustered', 'large'])(
    'cuts keys that are %s into ranges with each row once',
    async (table) => {
      const found = await ranges(table, 8);
      expect(found.length).toBeGreaterThanOrEqual(5);
      expect(found.length).toBeLessThanOrEqual(16);
      const counts: number[] = [];
      for (const range of found)
        counts.push(
          Number(await server.value('keyed', `SELECT COUNT(*) FROM ${table}${rangeClause(range)}`)),
        );
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(5000);
      expect(Math.max(...counts)).toBeLessThan(2500);
      expect(found[0]?.from).toBeUndefined();
      expect(found.at(-1)?.to).toBeUndefined();
    },
  );

  it('has no more ranges than were asked for twice, whatever the statistics say', async () => {
    expect((await ranges('dense', 4, 'bigint', 0)).length).toBeLessThanOrEqual(8);
    expect((await ranges('dense', 4, 'bigint', 1_000_000)).length).toBeLessThanOrEqual(8);
  });

  it('leaves in one piece what is small, empty, or has no whole numbers as keys', async () => {
    expect(await ranges('dense', 1)).toEqual([undefined]);
    expect(await ranges('empty_one', 5)).toEqual([undefined]);
    expect(await ranges('text_keys', 5, 'varchar')).toEqual([undefined]);
  });
});
