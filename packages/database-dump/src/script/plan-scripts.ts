import {
  type DatabaseEngine,
  InvalidRequestError,
  maxScriptBytes,
  type SqlScript,
  scriptBytes,
} from '@lcb/core';
import type { Statement } from '../guard/statement.ts';
import { mysqlScripts } from '../mysql/script/dialect.ts';
import { postgresqlScripts } from '../postgresql/script/dialect.ts';
import { inByteOrder } from './byte-order.ts';
import { fillParameters, type Parameters, type ScriptDialect } from './fill-parameters.ts';

export interface PlannedStatement {
  /** In its script, from 1. */
  readonly line: number;
  /** Such as `UPDATE` or `CREATE INDEX`. */
  readonly kind: string;
  /** In one line, without comments. */
  readonly sql: string;
}

export interface PlannedScript extends SqlScript {
  readonly statements: readonly PlannedStatement[];
}

const dialects: Readonly<Record<DatabaseEngine['engine'], ScriptDialect>> = {
  postgresql: postgresqlScripts,
  mysql: mysqlScripts,
};

/**
 * What scripts would do, without a connection: in the order in which they run, parameters filled in, every statement judged.
 *
 * @throws InvalidRequestError for parameters that do not fit, names that occur twice, or more than 1 MiB in all.
 * @throws LcbError `sql.refused`, `sql.unterminated`
 */
export function planScripts(
  engine: DatabaseEngine['engine'],
  scripts: readonly SqlScript[],
  parameters: Parameters,
): PlannedScript[] {
  const dialect = dialects[engine];
  const ordered = inByteOrder(scripts);
  const twice = ordered.find(({ name }, at) => ordered[at + 1]?.name === name);
  if (twice)
    throw new InvalidRequestError(
      `Two scripts have the name ${twice.name}, so their order is open. Rename one.`,
    );
  const filled = fillParameters(ordered, parameters, dialect);
  const bytes = scriptBytes(filled);
  if (bytes > maxScriptBytes) {
    throw new InvalidRequestError(
      `The scripts have ${bytes} bytes in all, and may have 1 MiB. Load large amounts of rows another way.`,
    );
  }
  return filled.map((script) => ({
    ...script,
    statements: dialect.readScript(script).map((statement) => ({
      line: statement.line,
      kind: kindOf(statement.command),
      sql: inOneLine(statement),
    })),
  }));
}

/** `CREATE INDEX`, but `UPDATE` and not `UPDATE USER_ SET`. */
function kindOf(command: string): string {
  const words = command.split(' ');
  const isDefinition = ['CREATE', 'ALTER', 'DROP', 'COMMENT', 'REFRESH'].includes(words[0] ?? '');
  return words.slice(0, isDefinition ? 2 : 1).join(' ');
}

/** White space between tokens as one space, line breaks in literals as `\\n`. */
function inOneLine(statement: Statement): string {
  const { tokens } = statement;
  const parts = tokens.map((token, at) => {
    const isFirst = at === 0 || tokens[at - 1]?.to === token.from;
    return (isFirst ? '' : ' ') + statement.textOf(token).replaceAll(/\r?\n/g, '\\n');
  });
  return parts.join('');
}
