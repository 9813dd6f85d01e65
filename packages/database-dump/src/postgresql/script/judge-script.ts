import type { Statement } from '../../guard/statement.ts';
import { refuse, run, type Verdict } from '../../guard/verdict.ts';
import { judgeAlter, judgeComment, judgeCreate } from '../guard/definition.ts';
import { deniedAnywhere } from '../guard/denied.ts';
import { identifierAt, literalAt } from '../guard/identifier.ts';
import { environmentKinds, objectKind } from '../guard/object-kinds.ts';
import { judgeSet, readSetting } from '../guard/set-statement.ts';

const TRANSACTIONS: ReadonlySet<string> = new Set([
  'BEGIN',
  'START',
  'COMMIT',
  'END',
  'ROLLBACK',
  'ABORT',
  'SAVEPOINT',
  'RELEASE',
  'PREPARE',
]);
const OUTSIDE: ReadonlySet<string> = new Set(['VACUUM', 'CLUSTER', 'REINDEX', 'CHECKPOINT']);
const ROWS: ReadonlySet<string> = new Set([
  'SELECT',
  'WITH',
  'VALUES',
  'INSERT',
  'UPDATE',
  'DELETE',
  'MERGE',
  'TRUNCATE',
  'CALL',
  'ANALYZE',
]);

/** What to do with a statement of a script: changes to rows and definitions of the one database are run, all else refused. */
export function judgeScript(statement: Statement): Verdict {
  const denied = deniedAnywhere(statement);
  if (denied) return denied;
  const verdict = byKind(statement);
  // What a dump may bring along without harm, somebody wrote into a script because it was to happen.
  return verdict.do === 'skip' ? refuse(verdict.why) : verdict;
}

function byKind(statement: Statement): Verdict {
  const word = statement.wordAt(0) ?? '';
  if (ROWS.has(word)) return run;
  if (TRANSACTIONS.has(word))
    return refuse('all scripts run in one transaction, which is begun and ended for them');
  if (OUTSIDE.has(word) || statement.find('CONCURRENTLY') !== -1) {
    return refuse('it does not run inside of a transaction, and all scripts run in one');
  }
  switch (word) {
    case 'CREATE':
      return judgeCreate(statement);
    case 'ALTER':
      return judgeAlter(statement);
    case 'COMMENT':
      return judgeComment(statement);
    case 'DROP':
      return environmentKinds.has(objectKind(statement).kind)
        ? run
        : refuse('it reaches beyond the database that was restored');
    case 'REFRESH':
      return statement.has(1, 'MATERIALIZED', 'VIEW') ? run : refuse('it is not known');
    case 'DO':
      return judgeBlock(statement);
    case 'SET':
      if (statement.has(1, 'CONSTRAINTS')) return run;
      return readSetting(statement)?.name === 'standard_conforming_strings'
        ? refuse('scripts are read with standard_conforming_strings on')
        : judgeSet(statement);
    case 'COPY':
      return refuse('rows, files and programs are not loaded by scripts; use INSERT');
    case 'GRANT':
    case 'REVOKE':
      return refuse('a script has no rights to give');
    default:
      return refuse('a script changes rows and definitions of the restored database, and nothing else');
  }
}

function judgeBlock(statement: Statement): Verdict {
  const at = statement.find('LANGUAGE');
  const language = at === -1 ? 'plpgsql' : (identifierAt(statement, at + 1) ?? literalAt(statement, at + 1));
  return language?.toLowerCase() === 'plpgsql' ? run : refuse('only PL/pgSQL is run', 'DO');
}
