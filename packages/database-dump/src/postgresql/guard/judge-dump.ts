import type { Statement } from '../../guard/statement.ts';
import { refuse, run, skip, type Verdict } from '../../guard/verdict.ts';
import { isDrop } from './alter-action.ts';
import { judgeAlter, judgeComment, judgeCreate } from './definition.ts';
import { deniedAnywhere } from './denied.ts';
import { judgeInsert } from './insert-statement.ts';
import { judgeSelect } from './select-statement.ts';
import { judgeSet } from './set-statement.ts';

/** What to do with a statement of a dump other than COPY: run what a dump of `pg_dump` consists of, and nothing else. */
export function judgeDump(statement: Statement): Verdict {
  const verdict = byKind(statement);
  if (verdict.do !== 'run' || statement.has(0, 'SELECT')) return verdict;
  return deniedAnywhere(statement) ?? verdict;
}

function byKind(statement: Statement): Verdict {
  switch (statement.wordAt(0)) {
    case 'SET':
      // Outside of a transaction the server ignores it, so text would not say by which settings it reads on.
      return statement.has(1, 'LOCAL') ? refuse('a dump does not have it', 'SET LOCAL') : judgeSet(statement);
    case 'SELECT':
      return judgeSelect(statement);
    case 'INSERT':
      return judgeInsert(statement);
    case 'CREATE':
      return judgeCreate(statement);
    case 'ALTER':
      // Of --clean: `ALTER TABLE … DROP CONSTRAINT`.
      return isDrop(statement) ? skip('the database is empty') : judgeAlter(statement);
    case 'COMMENT':
      return judgeComment(statement);
    case 'DROP':
      return skip('the database is empty');
    case 'GRANT':
    case 'REVOKE':
      return skip("roles are the source server's own");
    case 'SECURITY':
      return skip("security labels are the source server's own");
    case 'REFRESH':
      return statement.has(1, 'MATERIALIZED', 'VIEW') ? run : refuse('a dump does not have it');
    case 'BEGIN':
    case 'COMMIT':
      return statement.tokens.length === 1 ? run : refuse('a dump has it without anything behind it');
    default:
      return refuse('a dump of pg_dump does not have it');
  }
}
