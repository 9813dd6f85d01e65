import type { Statement } from '../../guard/statement.ts';
import { refuse, run, type Verdict } from '../../guard/verdict.ts';
import { deniedAnywhere } from '../guard/denied.ts';
import type { SetJudge } from '../guard/set-statement.ts';

const ROWS: ReadonlySet<string> = new Set([
  'SELECT',
  'WITH',
  'VALUES',
  'INSERT',
  'REPLACE',
  'UPDATE',
  'DELETE',
]);
const TRANSACTIONS: ReadonlySet<string> = new Set([
  'BEGIN',
  'START',
  'COMMIT',
  'ROLLBACK',
  'SAVEPOINT',
  'RELEASE',
  'XA',
]);
/** The server's reference, "Statements That Cause an Implicit Commit". */
const COMMITTING: ReadonlySet<string> = new Set([
  'ALTER',
  'CREATE',
  'DROP',
  'RENAME',
  'TRUNCATE',
  'LOCK',
  'UNLOCK',
  'ANALYZE',
  'OPTIMIZE',
  'REPAIR',
  'CHECK',
  'CACHE',
  'FLUSH',
  'RESET',
  'GRANT',
  'REVOKE',
]);

/**
 * What to do with a statement of a script: changes to rows of the one database are run, all else refused.
 *
 * @param sets of this script, which is told of its statements in their order.
 */
export function judgeScript(statement: Statement, sets: SetJudge): Verdict {
  const word = statement.wordAt(0) ?? '';
  if (statement.tokens.some(({ kind, text }) => kind === 'symbol' && text === ';'))
    return refuse('several statements stand where one is expected');
  if (word !== 'SET') sets.notice(statement);
  const isTemporary = ['CREATE', 'DROP'].includes(word) && statement.has(1, 'TEMPORARY', 'TABLE');
  const denied = deniedAnywhere(statement);
  if (denied) return denied;
  if (isTemporary || ROWS.has(word)) return run;
  if (COMMITTING.has(word)) {
    return refuse(
      'MySQL and MariaDB end the transaction before it, so that what ran before could not be undone. Run it by hand after the restore',
    );
  }
  if (TRANSACTIONS.has(word))
    return refuse('all scripts run in one transaction, which is begun and ended for them');
  if (word === 'CALL') return refuse('a procedure may end the transaction');
  if (word !== 'SET') return refuse('a script changes rows of the restored database, and nothing else');
  const verdict = sets.judge(statement);
  return verdict.do === 'skip' ? refuse(verdict.why) : verdict;
}
