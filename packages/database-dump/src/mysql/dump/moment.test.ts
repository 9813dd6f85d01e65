import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryStore } from '../../testing/memory-store.ts';
import { type MysqlServer, startMysqlServer } from '../../testing/mysql-server.ts';
import { dumpRequest, storedLines } from '../../testing/requests.ts';
import { mysqlEngine } from '../mysql-engine.ts';

let server: MysqlServer;
beforeAll(async () => {
  server = await startMysqlServer();
  await server.create('app', 'CREATE TABLE t (i int); INSERT INTO t VALUES (1), (2)');
  await server.run(
    undefined,
    `CREATE USER plain IDENTIFIED BY 'plain-secret'; GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON app.* TO plain;
     CREATE USER locking IDENTIFIED BY 'locking-secret'; GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, LOCK TABLES ON app.* TO locking;
     GRANT SELECT ON mysql.proc TO locking;
     CREATE USER blind IDENTIFIED BY 'blind-secret'; GRANT SELECT, SHOW VIEW ON app.* TO blind;`,
  );
});
afterAll(() => server?.remove());

describe('the moment of a dump', () => {
  it('is near where the user may not lock the server, and that is said beforehand', async () => {
    const connection = server.connection('app', 'plain', 'plain-secret');
    const store = new MemoryStore();
    expect((await server.engine.inspect(connection)).warnings).toEqual([
      expect.stringContaining('mysql.proc'),
      expect.stringContaining('neither the right RELOAD nor LOCK TABLES'),
    ]);
    const dump = await server.engine.dump(dumpRequest(server, 'app', store, { connection }));
    expect(dump).toMatchObject({ moment: 'near', tables: { rows: 2, sourceRows: 2 } });
    expect(storedLines(store, dump.tables.path)).toEqual([
      { schema: 'app', table: 't', rows: 2, sourceRows: 2 },
    ]);
  });

  it('is shared where the user may lock tables and not the server', async () => {
    const connection = server.connection('app', 'locking', 'locking-secret');
    expect((await server.engine.inspect(connection)).warnings).toEqual([]);
    await server.withClient('app', async (client) => {
      const store = new MemoryStore();
      const made = await server.engine.dump(dumpRequest(server, 'app', store, { connection }));
      expect(made).toMatchObject({ moment: 'shared', tables: { rows: 2, sourceRows: 2 } });
      // Who has written and not committed is waited for, and not for long.
      await client.query('START TRANSACTION');
      await client.query('INSERT INTO t VALUES (9)');
      const changes = { connection, lockSeconds: 1 };
      const near = await server.engine.dump(dumpRequest(server, 'app', new MemoryStore(), changes));
      expect(near.moment).toBe('near');
      await client.query('ROLLBACK');
    });
  });

  it('keeps nobody from writing for longer than that while it waits for one table after the other', async () => {
    await server.create(
      'queue',
      [0, 1, 2, 3, 4].map((n) => `CREATE TABLE t${n} (i int); INSERT INTO t${n} VALUES (1);`).join(''),
    );
    await server.run(undefined, `GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, LOCK TABLES ON queue.* TO locking`);
    const holders = await Promise.all(
      [1, 2, 3, 4].map(async (n) => {
        let end = () => {};
        const held = new Promise<void>((resolve) => {
          end = resolve;
        });
        let began = () => {};
        const ready = new Promise<void>((resolve) => {
          began = resolve;
        });
        const done = server.withClient('queue', async (client) => {
          await client.query(`START TRANSACTION; UPDATE t${n} SET i = 2`);
          began();
          await held;
          await client.query('COMMIT');
        });
        await ready;
        return { end, done };
      }),
    );
    const connection = server.connection('queue', 'locking', 'locking-secret');
    const request = dumpRequest(server, 'queue', new MemoryStore(), { connection, lockSeconds: 2 });
    const dumping = server.engine.dump(request);
    const waiting = async () =>
      Number(
        await server.value(
          undefined,
          "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'LOCK TABLES%'",
        ),
      );
    await expect.poll(waiting, { timeout: 5000 }).toBe(1);
    // Each lets go just before the server would give up waiting for it, so that there is always another to wait for.
    for (const { end, done } of holders) {
      await new Promise((resolve) => setTimeout(resolve, 1200));
      end();
      await done;
      if ((await waiting()) === 0) break;
    }
    expect((await dumping).moment).toBe('near');
    for (const { end, done } of holders) {
      end();
      await done;
    }
  });

  it('is near where somebody else does not let go, and nobody is kept from writing for it', async () => {
    const impatient = mysqlEngine({ lockSeconds: 1 });
    await server.withClient('app', async (client) => {
      // An update that goes on for longer than one waits.
      const updating = client.query('UPDATE t SET i = i + SLEEP(4) WHERE i = 1');
      const dump = await impatient.dump(dumpRequest(server, 'app', new MemoryStore()));
      expect(dump.moment).toBe('near');
      await updating;
    });
  });

  it('is near where locking is not wanted', async () => {
    const engine = mysqlEngine({ lockSeconds: 0 });
    expect((await engine.dump(dumpRequest(server, 'app', new MemoryStore()))).moment).toBe('near');
  });

  it('lies between the two times that the clock of the library is asked for', async () => {
    let asked = 0;
    const libraryClock = async () => {
      asked += 1;
      await server.run('app', `INSERT INTO t VALUES (${100 + asked})`);
      return { from: `2025-01-0${asked}T00:00:00.000Z`, to: `2025-01-0${asked}T00:00:00.999Z` };
    };
    const dump = await server.engine.dump(dumpRequest(server, 'app', new MemoryStore(), { libraryClock }));
    expect(dump.libraryTime).toEqual({ from: '2025-01-01T00:00:00.000Z', to: '2025-01-02T00:00:00.999Z' });
    // What the first question wrote is in the dump, what the second one wrote is not.
    expect([asked, dump.tables.rows]).toEqual([2, 3]);
    await server.run('app', 'DELETE FROM t WHERE i > 100');
  });

  it('leaves no lock behind', async () => {
    expect((await server.engine.dump(dumpRequest(server, 'app', new MemoryStore()))).moment).toBe('shared');
    await server.withClient('app', async (client) => {
      await client.query('SET lock_wait_timeout = 1');
      await client.query('INSERT INTO t VALUES (3); DELETE FROM t WHERE i = 3');
    });
  });

  it('has nothing to warn of with the rights that the guide lists', async () => {
    await server.run(
      undefined,
      `CREATE USER good IDENTIFIED BY 'good-secret'; GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON app.* TO good;
       GRANT RELOAD ON *.* TO good; GRANT SELECT ON mysql.proc TO good;`,
    );
    const connection = server.connection('app', 'good', 'good-secret');
    expect((await server.engine.inspect(connection)).warnings).toEqual([]);
    const dump = await server.engine.dump(dumpRequest(server, 'app', new MemoryStore(), { connection }));
    expect(dump.moment).toBe('shared');
  });

  it('is none for a user who may not see events: they would be missing', async () => {
    const connection = server.connection('app', 'blind', 'blind-secret');
    const dumping = server.engine.dump(dumpRequest(server, 'app', new MemoryStore(), { connection }));
    await expect(dumping).rejects.toMatchObject({ code: 'database.permission', retryable: false });
  });
});
