import type { Statement } from '../../guard/statement.ts';
import { refuse, run, skip, type Verdict } from '../../guard/verdict.ts';
import { alterAction } from './alter-action.ts';
import { judgeExtension } from './extensions.ts';
import { identifierAt, literalAt } from './identifier.ts';
import { environmentKinds, objectKind, serverKinds } from './object-kinds.ts';

const LANGUAGES: ReadonlySet<string> = new Set(['sql', 'plpgsql']);
const ofServer = "it is of the source's server and not of the environment";

/** CREATE */
export function judgeCreate(statement: Statement): Verdict {
  const { kind, at } = objectKind(statement);
  if (kind === 'EXTENSION') return judgeExtension(statement, at);
  if (kind === 'LANGUAGE' && isPlpgsql(statement, at)) return skip('every database has it');
  if (serverKinds.has(kind)) return skip(ofServer);
  if (!environmentKinds.has(kind)) return notOfEnvironment(statement);
  // It is there already, and belongs to the database's owner.
  if (kind === 'SCHEMA' && isPublic(statement, at)) return skip('the schema public is there');
  if (kind === 'SCHEMA' && statement.find('AUTHORIZATION') !== -1)
    return refuse('it names a role', 'CREATE SCHEMA … AUTHORIZATION');
  if (kind === 'FUNCTION' || kind === 'PROCEDURE') return judgeRoutine(statement);
  return run;
}

/** ALTER */
export function judgeAlter(statement: Statement): Verdict {
  const { kind, at } = objectKind(statement);
  const action = alterAction(statement);
  if (serverKinds.has(kind)) return skip(ofServer);
  if (isOwnerChange(statement) && !statement.has(action, 'RENAME'))
    return skip('whoever loads it is the owner');
  if (!environmentKinds.has(kind)) return notOfEnvironment(statement);
  if (hasOwnerChange(statement, action)) return refuse('it names a role', `${statement.command} … OWNER TO`);
  const isOfTriggers =
    statement.has(action, 'ENABLE', 'TRIGGER', 'ALL') || statement.has(action, 'DISABLE', 'TRIGGER', 'ALL');
  if (isOfTriggers) return skip('triggers of foreign keys stay on, and the rows are checked');
  if (statement.has(action, 'SET', 'TABLESPACE') || statement.has(at, 'ALL', 'IN', 'TABLESPACE'))
    return skip("tablespaces are the source server's own");
  return run;
}

/** COMMENT ON */
export function judgeComment(statement: Statement): Verdict {
  const { kind, at } = objectKind(statement);
  // `COMMENT ON kind name`: ON stands where CREATE has its first modifier.
  if (kind !== 'ON') return refuse('it is no comment on anything');
  const about = statement.wordAt(at) ?? '';
  const both = `${about} ${statement.wordAt(at + 1) ?? ''}`;
  if (
    [
      'DATABASE',
      'EXTENSION',
      'ROLE',
      'TABLESPACE',
      'PUBLICATION',
      'SUBSCRIPTION',
      'LANGUAGE',
      'SERVER',
    ].includes(about)
  )
    return skip(ofServer);
  if (['EVENT TRIGGER', 'FOREIGN DATA', 'ACCESS METHOD', 'PROCEDURAL LANGUAGE'].includes(both))
    return skip(ofServer);
  if (about === 'SCHEMA' && isPublic(statement, at + 1)) return skip('the schema public is there');
  return run;
}

function judgeRoutine(statement: Statement): Verdict {
  const body = statement.tokens.findIndex((_, at) => statement.has(at, 'BEGIN', 'ATOMIC'));
  const end = body === -1 ? statement.tokens.length : body;
  for (let at = statement.find('LANGUAGE'); at !== -1 && at < end; at = statement.find('LANGUAGE', at + 1)) {
    const language = identifierAt(statement, at + 1) ?? literalAt(statement, at + 1);
    if (language === undefined || !LANGUAGES.has(language.toLowerCase())) {
      return refuse(
        'only functions in SQL and PL/pgSQL are loaded',
        `A function in the language ${JSON.stringify(language ?? '?')}`,
      );
    }
  }
  return run;
}

/** `… OWNER TO name`, and nothing else. */
function isOwnerChange(statement: Statement): boolean {
  const end = statement.tokens.length;
  return (
    statement.has(end - 3, 'OWNER', 'TO') &&
    identifierAt(statement, end - 1) !== undefined &&
    !statement.tokens.some(({ text, depth }) => text === ',' && depth === 0)
  );
}

/** One among several actions. */
function hasOwnerChange(statement: Statement, action: number): boolean {
  return statement.tokens.some(
    ({ depth }, at) =>
      depth === 0 &&
      statement.has(at, 'OWNER', 'TO') &&
      (at === action || (at > action && statement.isSymbol(at - 1, ','))),
  );
}

function isPublic(statement: Statement, at: number): boolean {
  const nameAt = statement.has(at, 'IF', 'NOT', 'EXISTS') ? at + 3 : at;
  return identifierAt(statement, nameAt) === 'public';
}

function isPlpgsql(statement: Statement, at: number): boolean {
  return identifierAt(statement, at) === 'plpgsql';
}

function notOfEnvironment(statement: Statement): Verdict {
  const word = statement.wordAt(1) ?? '';
  const isCluster = ['ROLE', 'USER', 'GROUP', 'TABLESPACE'].includes(word);
  return refuse(
    isCluster
      ? 'it changes the server, not the environment. If the file was made with pg_dumpall, dump the one database with pg_dump'
      : 'it reaches beyond the database that is loaded',
  );
}
