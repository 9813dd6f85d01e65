import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MysqlServer, startMysqlServer } from '../../testing/mysql-server.ts';
import { inChunks } from '../../testing/plain-dump.ts';
import { guestName } from '../guest/with-guest.ts';
import { createScratch, dropScratch } from './scratch-database.ts';

let server: MysqlServer;
beforeAll(async () => {
  server = await startMysqlServer();
  await server.create('lportal', 'CREATE TABLE t (x INT)', 'CHARACTER SET latin1 COLLATE latin1_german2_ci');
});
afterAll(() => server?.remove());

const run = 'retail-prd-backup-20260101-000000';
const databases = (name: string) =>
  server.value(undefined, `SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = '${name}'`);
const guests = (name: string) =>
  server.value(undefined, `SELECT COUNT(*) FROM mysql.global_priv WHERE user = '${guestName(name)}'`);

async function importInto(database: string, dump: string): Promise<void> {
  await server.engine.importDump({
    connection: server.connection(database),
    source: inChunks(dump),
    name: 'upload.sql',
    signal: new AbortController().signal,
    onProgress: () => {},
  });
}

describe('a scratch database', () => {
  it('has the character set of the other one, is made anew for its run, and dropped with its guest', async () => {
    const connection = server.connection('scratch');
    await createScratch(connection, run, 'lportal');
    const collation = `SELECT default_collation_name FROM information_schema.schemata WHERE schema_name = 'scratch'`;
    expect(await server.value(undefined, collation)).toBe('latin1_german2_ci');
    await importInto('scratch', 'CREATE TABLE half (x INT);\nCREATE VIEW v AS SELECT x FROM half;\n');
    await createScratch(connection, run, 'lportal');
    await importInto('scratch', 'CREATE TABLE half (x INT);\nCREATE VIEW v AS SELECT x FROM half;\n');
    expect(Number(await guests('scratch'))).toBe(1);
    await dropScratch(connection, run);
    await dropScratch(connection, run);
    expect([Number(await databases('scratch')), Number(await guests('scratch'))]).toEqual([0, 0]);
  });

  it("is never another's", async () => {
    const connection = server.connection('precious');
    await server.create('precious', 'CREATE TABLE t (x INT)');
    await expect(createScratch(connection, run, 'lportal')).rejects.toMatchObject({
      code: 'database.targetOccupied',
    });
    await dropScratch(connection, run);
    await createScratch(server.connection('of other'), `${run}-2`, 'lportal');
    await dropScratch(server.connection('of other'), run);
    expect([Number(await databases('precious')), Number(await databases('of other'))]).toEqual([1, 1]);
  });

  it('says which database is missing', async () => {
    const creating = createScratch(server.connection('scratch 2'), run, 'nowhere');
    await expect(creating).rejects.toMatchObject({ code: 'database.notFound' });
  });

  it('is known again where the upload has removed its mark', async () => {
    const connection = server.connection('unmarked');
    await createScratch(connection, run, 'lportal');
    // As an event of the upload could do.
    await importInto('unmarked', 'CREATE TABLE t (x INT);\nCREATE VIEW v AS SELECT x FROM t;\n');
    await server.run('unmarked', 'DROP TABLE lcb_restore');
    await dropScratch(connection, run);
    expect(Number(await databases('unmarked'))).toBe(0);
  });

  it('keeps its own mark when the dump is of a restored database and has another', async () => {
    const connection = server.connection('marked');
    await createScratch(connection, run, 'lportal');
    const dump = [
      'DROP TABLE IF EXISTS `lcb_restore`;',
      "CREATE TABLE `lcb_restore` (nothing INT) COMMENT='lcb restore another-run';",
      'LOCK TABLES `lcb_restore` WRITE;',
      '/*!40000 ALTER TABLE `lcb_restore` DISABLE KEYS */;',
      'INSERT INTO `lcb_restore` VALUES (1);',
      'UNLOCK TABLES;',
    ];
    await importInto('marked', `${dump.join('\n')}\n`);
    await dropScratch(connection, run);
    expect(Number(await databases('marked'))).toBe(0);
  });
});
