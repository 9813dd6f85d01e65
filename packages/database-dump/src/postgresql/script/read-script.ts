import type { SqlScript } from '@lcb/core';
import type { Statement } from '../../guard/statement.ts';
import { sqlRefused } from '../../guard/verdict.ts';
import { type Item, StatementLexer } from '../guard/statement-lexer.ts';
import { judgeScript } from './judge-script.ts';

/** The statements of a script, in the order of the file. The last need not have a semicolon. */
export function lexScript({ name, sql }: SqlScript): Statement[] {
  const lexer = new StatementLexer(name);
  const bytes = Buffer.from(sql);
  const statements: Statement[] = [];
  const take = (item: Item | undefined) => {
    if (item?.kind === 'statement') statements.push(item.statement);
    if (item?.kind === 'meta') {
      const command = `\\${/^[^\s\w]|\w*/.exec(item.text)?.[0] ?? ''}`;
      throw sqlRefused({ name, line: item.line, command }, 'it is a command of psql, and none is run');
    }
  };
  for (let at = 0; at < bytes.length; ) {
    at = lexer.push(bytes, at);
    take(lexer.takeItem());
  }
  const last = lexer.end();
  take(lexer.takeItem());
  if (last) statements.push(last);
  return statements;
}

/** The statements of a script that may be run. @throws LcbError `sql.refused`, `sql.unterminated` */
export function readScript(script: SqlScript): Statement[] {
  const statements = lexScript(script);
  for (const statement of statements) {
    const verdict = judgeScript(statement);
    if (verdict.do !== 'refuse') continue;
    const { line, command } = statement;
    throw sqlRefused({ name: script.name, line, command: verdict.command ?? command }, verdict.why);
  }
  return statements;
}
