import type { ScriptsRequest, ScriptsRun } from '@lcb/core';
import { z } from 'zod';
import { sqlFailed } from '../../guard/sql-failed.ts';
import type { Statement } from '../../guard/statement.ts';
import { FailureScope } from '../../stream/failure-scope.ts';
import { readServerVersion } from '../catalog/database-facts.ts';
import { quoteIdentifier } from '../catalog/quote.ts';
import { isUserSchema } from '../catalog/user-objects.ts';
import { parseEndpoint } from '../connection/endpoint.ts';
import { type Session, withSession } from '../connection/session.ts';
import { withGuest } from '../guest/with-guest.ts';
import { assertOwnRights } from '../import/assert-own-rights.ts';
import { ReadingRules, sessionSettings } from '../import/session-settings.ts';
import { readScript } from './read-script.ts';

interface ReadScript {
  readonly name: string;
  readonly statements: readonly Statement[];
}

/** Runs scripts in one transaction, as a guest. All are read before the first is run. */
export async function runScripts(request: ScriptsRequest): Promise<ScriptsRun> {
  const endpoint = parseEndpoint(request.connection);
  const scripts = request.scripts.map((script) => ({ name: script.name, statements: readScript(script) }));
  const scope = new FailureScope(request.signal);
  await scope.run(() =>
    withGuest(endpoint, {
      invite: grantEverything,
      work: (login, guest) =>
        withSession(login, (session) => runInTransaction(session, scripts, guest), { signal: scope.signal }),
    }),
  );
  return { scripts: scripts.map(({ name, statements }) => ({ name, statements: statements.length })) };
}

async function runInTransaction(
  session: Session,
  scripts: readonly ReadScript[],
  guest: string | undefined,
): Promise<void> {
  const { major } = await readServerVersion(session);
  const rules = new ReadingRules();
  await session.run('BEGIN');
  for (const { name, statements } of scripts) {
    // What one script sets is not the next one's.
    await session.run(sessionSettings(major));
    for (const statement of statements) {
      const place = { name, line: statement.line, command: statement.command };
      try {
        await session.runOne(statement.sql);
      } catch (error) {
        // The session is closed now, and with it the transaction is undone.
        throw sqlFailed(error, place);
      }
      rules.assertAgreed(session, '', place);
    }
    if (guest !== undefined) await assertOwnRights(session, guest, name);
  }
  await session.run('RESET ALL; COMMIT');
}

/** Rows and functions; what is there stays its owner's, so that only an owner changes its definition. */
async function grantEverything(admin: Session, guest: string): Promise<void> {
  const schemas = await admin.query(
    z.object({ nspname: z.string() }),
    `SELECT n.nspname::pg_catalog.text AS nspname FROM pg_catalog.pg_namespace n WHERE ${isUserSchema}`,
  );
  const role = quoteIdentifier(guest);
  for (const { nspname } of schemas) {
    const schema = quoteIdentifier(nspname);
    await admin.run(
      `GRANT USAGE, CREATE ON SCHEMA ${schema} TO ${role}; GRANT ALL ON ALL TABLES IN SCHEMA ${schema} TO ${role};
       GRANT ALL ON ALL SEQUENCES IN SCHEMA ${schema} TO ${role}; GRANT EXECUTE ON ALL ROUTINES IN SCHEMA ${schema} TO ${role}`,
    );
  }
}
