import type { Statement } from '../../guard/statement.ts';
import { type Place, sqlRefused } from '../../guard/verdict.ts';
import type { Server } from '../catalog/server.ts';
import { MysqlDumpJudge } from './judge-dump.ts';
import { MysqlLexer } from './statement-lexer.ts';
import { withoutDefiner } from './without-definer.ts';

export type MysqlDumpItem =
  /** As bytes: a dump may hold binary values as they are. */
  | ({ readonly kind: 'statement'; readonly bytes: Buffer } & Place)
  | ({ readonly kind: 'skipped'; readonly why: string } & Place);

/**
 * Reads a plain dump of `mysqldump` or `mariadb-dump` that somebody else made: lets through what such a dump consists of,
 * leaves out what concerns the source's server, and ends with an error at anything else, before that is sent.
 *
 * @param options.server where it is loaded: it decides which comments are code.
 * @throws LcbError `sql.refused`, `sql.unterminated`, `sql.tooLarge`
 */
export async function* guardMysqlDump(
  source: AsyncIterable<Uint8Array>,
  { name, server }: { readonly name: string; readonly server: Pick<Server, 'flavour' | 'version'> },
): AsyncGenerator<MysqlDumpItem> {
  const judge = new MysqlDumpJudge();
  for await (const statement of readStatements(source, new MysqlLexer(name, server))) {
    const place = { name, line: statement.line, command: statement.command };
    const verdict = judge.judge(statement);
    if (verdict.do === 'refuse')
      throw sqlRefused({ ...place, command: verdict.command ?? place.command }, verdict.why);
    if (verdict.do === 'skip') yield { kind: 'skipped', why: verdict.why, ...place };
    else yield { kind: 'statement', bytes: withoutDefiner(statement), ...place };
  }
}

async function* readStatements(
  source: AsyncIterable<Uint8Array>,
  lexer: MysqlLexer,
): AsyncGenerator<Statement> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of source) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    rest = yield* lexed(lexer, rest, false);
  }
  yield* lexed(lexer, rest, true);
  const last = lexer.end();
  if (last) yield last;
}

/** @returns what the lexer can't read without what follows. */
function* lexed(lexer: MysqlLexer, bytes: Buffer, isLast: boolean): Generator<Statement, Buffer> {
  for (let at = 0; ; ) {
    at = lexer.push(bytes, at, isLast);
    const statement = lexer.takeStatement();
    if (!statement) return bytes.subarray(at);
    yield statement;
  }
}

/** The statements of a whole text. */
export function lexMysql(sql: string, lexer: MysqlLexer): Statement[] {
  const statements = [...lexed(lexer, Buffer.from(sql), true)];
  const last = lexer.end();
  return last ? [...statements, last] : statements;
}
