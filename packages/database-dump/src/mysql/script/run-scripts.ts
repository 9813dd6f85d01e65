import { LcbError, type ScriptsRequest, type ScriptsRun } from '@lcb/core';
import { z } from 'zod';
import { sqlFailed } from '../../guard/sql-failed.ts';
import type { Statement } from '../../guard/statement.ts';
import { FailureScope } from '../../stream/failure-scope.ts';
import { liftTimeLimits, readServer } from '../catalog/server.ts';
import { parseEndpoint } from '../connection/endpoint.ts';
import { type Session, withSession } from '../connection/session.ts';
import { AgreedReading } from '../guard/agreed-reading.ts';
import { identifierAt } from '../guard/identifier.ts';
import { needsGuest, withGuest } from '../guest/with-guest.ts';
import { markOfStrangers } from '../load/mark.ts';
import { mysqlScripts } from './dialect.ts';
import { OneTransaction } from './one-transaction.ts';

interface ReadScript {
  readonly name: string;
  readonly statements: readonly Statement[];
}

const RIGHTS = 'SELECT, INSERT, UPDATE, DELETE, EXECUTE, SHOW VIEW, CREATE TEMPORARY TABLES';
const SETTINGS =
  "SET SESSION sql_mode = 'NO_ENGINE_SUBSTITUTION', foreign_key_checks = 1, unique_checks = 1, autocommit = 1";

/** Runs scripts in one transaction, as a guest. All are read before the first is run. */
export async function runScripts(request: ScriptsRequest): Promise<ScriptsRun> {
  const endpoint = parseEndpoint(request.connection);
  const scripts = request.scripts.map((script) => ({
    name: script.name,
    statements: mysqlScripts.readScript(script),
  }));
  const scope = new FailureScope(request.signal);
  await scope.run(async () => {
    await withSession(endpoint, async (session) => {
      const lasting = await listLasting(session);
      for (const script of scripts) refuseLasting(script, lasting);
      // A guest for scripts has no right to define anything; the connection's own user has.
      if (!(await needsGuest(session, endpoint))) await markOfStrangers(session);
    });
    await withGuest(endpoint, RIGHTS, (login) =>
      withSession(login, (session) => runInTransaction(session, scripts), {
        signal: scope.signal,
        rawBytes: true,
      }),
    );
  });
  return { scripts: scripts.map(({ name, statements }) => ({ name, statements: statements.length })) };
}

async function runInTransaction(session: Session, scripts: readonly ReadScript[]): Promise<void> {
  await liftTimeLimits(session, await readServer(session));
  await session.run(SETTINGS);
  const reading = new AgreedReading(session);
  const transaction = await OneTransaction.begin(session);
  for (const { name, statements } of scripts) {
    for (const statement of statements) {
      const place = { name, line: statement.line, command: statement.command };
      reading.assertReadable(statement, place);
      try {
        await session.runBytes(statement.bytes);
      } catch (error) {
        // The session is closed now, and with it the transaction is undone.
        throw sqlFailed(error, place);
      }
      await transaction.assertOpen(place);
      await reading.assertUnchanged(statement, place);
    }
  }
  await transaction.commit();
}

/** Tables whose changes can't be undone: MyISAM and the like. */
async function listLasting(session: Session): Promise<ReadonlyMap<string, string>> {
  const rows = await session.query(
    z.object({ name: z.string(), engine: z.string() }),
    `SELECT t.table_name AS name, t.engine AS engine FROM information_schema.tables t
     LEFT JOIN information_schema.engines e ON e.engine = t.engine
     WHERE t.table_schema = DATABASE() AND t.table_type = 'BASE TABLE' AND t.engine IS NOT NULL AND COALESCE(e.transactions, 'NO') <> 'YES'`,
  );
  return new Map(rows.map(({ name, engine }) => [name.toLowerCase(), engine]));
}

function refuseLasting({ name, statements }: ReadScript, lasting: ReadonlyMap<string, string>): void {
  for (const statement of statements) {
    if (statement.has(0, 'SELECT')) continue;
    for (let at = 0; at < statement.tokens.length; at += 1) {
      const table = identifierAt(statement, at);
      const engine = table === undefined ? undefined : lasting.get(table.toLowerCase());
      if (engine === undefined) continue;
      throw new LcbError({
        code: 'sql.refused',
        message: `${name}, line ${statement.line}: ${statement.command} is refused: ${table} is a table of the engine ${engine}, where changes can't be undone when a later statement fails. Change the table to InnoDB, or run it by hand after the restore.`,
      });
    }
  }
}
