import { zstdCompressSync } from 'node:zlib';
import type { DatabaseDump } from '@lcb/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awkwardMysql } from '../../testing/awkward-mysql.ts';
import { MemoryStore } from '../../testing/memory-store.ts';
import { type MysqlServer, startMysqlServer } from '../../testing/mysql-server.ts';
import { dumpRequest, keyOf, loadRequest } from '../../testing/requests.ts';
import { guestName } from '../guest/with-guest.ts';

/** Runs whatever text it puts together, with the rights of whoever is its definer. */
const hostile = `
CREATE TABLE t (x INT);
INSERT INTO t VALUES (1), (2);
CREATE TABLE stolen (secret TEXT);
DELIMITER ;;
CREATE PROCEDURE p() BEGIN
  EXECUTE IMMEDIATE CONCAT('INSERT INTO stolen SELECT ', 'priv FROM my', 'sql.global_priv');
END;;
CREATE TRIGGER of_rows AFTER INSERT ON t FOR EACH ROW INSERT INTO stolen SELECT CURRENT_USER();;
DELIMITER ;
`;

let server: MysqlServer;
const store = new MemoryStore();
let dump: DatabaseDump;
beforeAll(async () => {
  server = await startMysqlServer();
  await server.create('source', hostile);
  dump = await server.engine.dump(dumpRequest(server, 'source', store));
  await server.run(
    undefined,
    "CREATE USER modest@'%' IDENTIFIED BY 'modest'; GRANT EXECUTE ON *.* TO modest@'%'",
  );
});
afterAll(() => server?.remove());

const untrusted = { untrusted: true } as const;
const guestOf = (database: string) =>
  server.value(undefined, `SELECT COUNT(*) FROM mysql.global_priv WHERE user = '${guestName(database)}'`);

describe('what a stranger wrote', () => {
  it('runs with all rights of the user who restores it, when it is trusted', async () => {
    await server.engine.load(loadRequest(server, 'trusted', store, dump));
    await asModest('trusted');
    expect(Number(await server.value('trusted', 'SELECT COUNT(*) FROM stolen'))).toBeGreaterThan(1);
  });

  it('has no rights beyond its database when it is not', async () => {
    const first = await server.engine.load(loadRequest(server, 'copy', store, dump, untrusted));
    expect(first).toMatchObject({ tables: 2, rows: 2, differences: [] });
    expect(await server.engine.load(loadRequest(server, 'copy', store, dump, untrusted))).toEqual(first);
    await expect(asModest('copy')).rejects.toThrow(/denied/);
    await server.run('copy', 'INSERT INTO t VALUES (3)');
    expect(await server.value('copy', 'SELECT secret FROM stolen')).toBe(`${guestName('copy')}@%`);
  });

  it('is known again when it is dumped', async () => {
    expect(dump.untrusted).toBeUndefined();
    await server.engine.load(loadRequest(server, 'known', store, dump, untrusted));
    expect(await server.engine.dump(dumpRequest(server, 'known', new MemoryStore()))).toMatchObject({
      untrusted: true,
    });
  });

  it('is known again without anything that runs, until something trusted takes its place', async () => {
    await server.create('rows only', 'CREATE TABLE t (x INT)');
    const own = new MemoryStore();
    const rows = await server.engine.dump(dumpRequest(server, 'rows only', own));
    const dumped = () => server.engine.dump(dumpRequest(server, 'rows', new MemoryStore()));
    await server.engine.load(loadRequest(server, 'rows', own, rows, untrusted));
    expect((await dumped()).untrusted).toBe(true);
    const inPlace = { replaceExisting: true, runId: 'again' };
    await server.engine.load(loadRequest(server, 'rows', own, rows, inPlace));
    expect((await dumped()).untrusted).toBeUndefined();
  });

  it('is known again when a user loaded it who has that database only, and needs no guest', async () => {
    await server.create('owned', '');
    await server.run(
      undefined,
      "CREATE USER owner@'%' IDENTIFIED BY 'owner'; GRANT ALL ON owned.* TO owner@'%'",
    );
    const connection = server.connection('owned', 'owner', 'owner');
    await server.engine.load(loadRequest(server, 'owned', store, dump, { ...untrusted, connection }));
    expect(Number(await guestOf('owned'))).toBe(0);
    const backup = new MemoryStore();
    const nightly = await server.engine.dump(dumpRequest(server, 'owned', backup));
    expect(nightly.untrusted).toBe(true);
    const elsewhere = loadRequest(server, 'elsewhere', backup, nightly, {
      untrusted: nightly.untrusted === true,
    });
    await server.engine.load(elsewhere);
    const definer = `SELECT definer FROM information_schema.triggers WHERE trigger_schema = 'elsewhere'`;
    expect(await server.value(undefined, definer)).toBe(`${guestName('elsewhere')}@%`);
  });

  it('replaces what is there', async () => {
    await server.engine.load(loadRequest(server, 'replaced', store, dump, untrusted));
    const request = loadRequest(server, 'replaced', store, dump, {
      ...untrusted,
      replaceExisting: true,
      runId: 'again',
    });
    expect(await server.engine.load(request)).toMatchObject({ tables: 2, rows: 2, differences: [] });
    await expect(asModest('replaced')).rejects.toThrow(/denied/);
  });

  it('is not begun by a user who can make no guest: nothing is emptied', async () => {
    await server.create('kept', 'CREATE TABLE precious (x INT)');
    await server.run(
      undefined,
      "CREATE USER wide@'%' IDENTIFIED BY 'wide'; GRANT ALL ON kept.* TO wide@'%'; GRANT FILE ON *.* TO wide@'%'",
    );
    const connection = server.connection('kept', 'wide', 'wide');
    const request = loadRequest(server, 'kept', store, dump, {
      ...untrusted,
      replaceExisting: true,
      connection,
    });
    await expect(server.engine.load(request)).rejects.toMatchObject({ code: 'sql.rightsTooWide' });
    expect(Number(await server.value('kept', 'SELECT COUNT(*) FROM precious'))).toBe(0);
  });

  it('leaves nothing on the server when its restore is undone', async () => {
    await server.engine.load(loadRequest(server, 'undone', store, dump, untrusted));
    expect(Number(await guestOf('undone'))).toBe(1);
    const { connection, runId } = loadRequest(server, 'undone', store, dump);
    await server.engine.dropTarget(connection, runId);
    expect(Number(await guestOf('undone'))).toBe(0);
  });
});

/** As somebody who may call procedures of the database and nothing else. */
async function asModest(database: string): Promise<void> {
  await server.withClient(database, async (client) => {
    await client.changeUser({ user: 'modest', password: 'modest', database });
    await client.query('CALL p()');
  });
}

it('loads all that an ordinary dump holds, events too', async () => {
  await server.create('awkward', awkwardMysql);
  const own = new MemoryStore();
  const made = await server.engine.dump(dumpRequest(server, 'awkward', own));
  const load = await server.engine.load(loadRequest(server, 'awkward 2', own, made, untrusted));
  expect(load).toMatchObject({ differences: [], rows: made.tables.rows, sequences: made.sequences.count });
  const text = async (database: string) =>
    (await server.asText(database)).replaceAll(/DEFINER=`[^`]*`@`[^`]*`/g, 'DEFINER');
  expect(await text('awkward 2')).toBe(await text('awkward'));
});

it('says that a backup is damaged, and not what its text looks like', async () => {
  const own = new MemoryStore();
  const made = await server.engine.dump(dumpRequest(server, 'source', own));
  const path = made.parts[0]?.path ?? '';
  own.damage(keyOf(path), () => zstdCompressSync("CREATE USER mighty IDENTIFIED BY 'x';\n"));
  const loading = server.engine.load(loadRequest(server, 'damaged', own, made, untrusted));
  await expect(loading).rejects.toThrow(path);
  await expect(loading).rejects.toMatchObject({ code: 'integrity.mismatch' });
});
