import { type DumpStatements, parsedStatements } from '../ports/database-engine.ts';
import type { Finding } from './check.ts';

/**
 * Were the first statements SQL that the engine knows? They were lexed as they passed by into the store, and the stored
 * bytes are compared with the same hash, so what was parsed is what is there.
 */
export function judgeStatements(statements: DumpStatements | undefined): Finding {
  const expected = `the first ${parsedStatements} statements to be commands of the database's SQL`;
  if (statements === undefined) {
    return { ok: false, severity: 'warns', expected, measured: 'not looked at by this dump' };
  }
  const { parsed, kinds, unrecognised } = statements;
  if (parsed === 0) return { ok: false, expected, measured: 'no statement at all' };
  if (unrecognised.count > 0) {
    const example = unrecognised.first === undefined ? '' : `, such as ${JSON.stringify(unrecognised.first)}`;
    return { ok: false, expected, measured: `${unrecognised.count} of ${parsed} are none${example}` };
  }
  const list = Object.entries(kinds).map(([kind, count]) => `${count} ${kind}`);
  return { ok: true, expected, measured: `${parsed} parsed: ${list.join(', ')}` };
}
