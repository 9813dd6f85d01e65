import type { ScriptsRequest, ScriptsRun } from '@lcb/core';
import { sqlFailed } from '../../guard/sql-failed.ts';
import type { Statement } from '../../guard/statement.ts';
import { FailureScope } from '../../stream/failure-scope.ts';
import { readServerVersion } from '../catalog/database-facts.ts';
import { parseEndpoint } from '../connection/endpoint.ts';
import { type Session, withSession } from '../connection/session.ts';
import { withGuest } from '../guest/with-guest.ts';
import { assertOwnRights } from '../import/assert-own-rights.ts';
import { ReadingRules, sessionSettings } from '../import/session-settings.ts';
import { markUntrusted } from '../mark/untrusted-mark.ts';
import { assertOwnNames } from './assert-own-names.ts';
import { inviteScripts } from './invite-scripts.ts';
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
      invite: inviteScripts,
      work: async (login, guest) => {
        const options = { signal: scope.signal };
        // What a guest makes, its owner tells.
        if (guest === undefined) await withSession(endpoint, markUntrusted, options);
        await withSession(login, (session) => runInTransaction(session, scripts, guest), options);
        if (guest === undefined) await withSession(endpoint, markUntrusted, options);
        // Once more: what waited for the end of the transaction ran after the last look.
        else await withSession(endpoint, (admin) => assertOwnOnly(admin, guest, 'A script'), options);
      },
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
    if (guest === undefined) continue;
    // Operators of the script's own must not answer for those of the server.
    await session.run('RESET ALL; SET search_path = pg_catalog');
    await assertOwnOnly(session, guest, name);
  }
  await session.run('RESET ALL; COMMIT');
}

async function assertOwnOnly(session: Session, guest: string, name: string): Promise<void> {
  await assertOwnRights(session, guest, name);
  await assertOwnNames(session, guest, name);
}
