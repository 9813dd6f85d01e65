import type { SqlScript } from '@lcb/core';
import type { Statement } from '../../guard/statement.ts';
import { sqlRefused } from '../../guard/verdict.ts';
import type { ScriptDialect } from '../../script/fill-parameters.ts';
import { quoteLiteral } from '../catalog/quote.ts';
import { lexMysql } from '../guard/guard-dump.ts';
import { SetJudge } from '../guard/set-statement.ts';
import { MysqlLexer } from '../guard/statement-lexer.ts';
import { judgeScript } from './judge-script.ts';

/**
 * Scripts are read without a connection, so that a comment for some versions can't be decided; one that is code for any of
 * them is code here.
 */
const ANY_SERVER = { flavour: 'mysql', version: '99.99.99' } as const;

function lexScript({ name, sql }: SqlScript): Statement[] {
  return lexMysql(sql, new MysqlLexer(name, ANY_SERVER));
}

function readScript(script: SqlScript): Statement[] {
  const statements = lexScript(script);
  const sets = new SetJudge('script');
  for (const statement of statements) {
    const verdict = judgeScript(statement, sets);
    if (verdict.do !== 'refuse') continue;
    const { line, command } = statement;
    throw sqlRefused({ name: script.name, line, command: verdict.command ?? command }, verdict.why);
  }
  return statements;
}

export const mysqlScripts: ScriptDialect = { lexScript, readScript, quoteLiteral };
