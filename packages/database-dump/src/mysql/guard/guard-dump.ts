import type { Statement } from '../../guard/statement.ts';
import { type Place, sqlRefused } from '../../guard/verdict.ts';
import type { Server } from '../catalog/server.ts';
import { renameDatabases } from '../scanner/database-names.ts';
import { DumpFrame } from './dump-frame.ts';
import { MysqlDumpJudge } from './judge-dump.ts';
import { MysqlLexer } from './statement-lexer.ts';
import { withoutDefiner } from './without-definer.ts';

export type MysqlDumpItem =
  /** As bytes: a dump may hold binary values as they are. `statement`: as it was judged. */
  | ({ readonly kind: 'statement'; readonly bytes: Buffer; readonly statement: Statement } & Place)
  | ({ readonly kind: 'skipped'; readonly why: string } & Place);

/**
 * Reads a plain dump of `mysqldump` or `mariadb-dump` that somebody else made: lets through what such a dump consists of,
 * leaves out what concerns the source's server, and ends with an error at anything else, before that is sent.
 *
 * @param options.server where it is loaded: it decides which comments are code.
 * @param options.target the database that it is loaded into, which takes the place of the dump's own where names have it
 * before them.
 * @throws LcbError `sql.refused`, `sql.unterminated`, `sql.tooLarge`, `database.dumpTruncated`
 */
export async function* guardMysqlDump(
  source: AsyncIterable<Uint8Array>,
  {
    name,
    server,
    target,
  }: {
    readonly name: string;
    readonly server: Pick<Server, 'flavour' | 'version'>;
    readonly target: string;
  },
): AsyncGenerator<MysqlDumpItem> {
  const frame = new DumpFrame(name);
  const judge = new MysqlDumpJudge(() => [target, frame.database]);
  for await (const statement of readStatements(frame.through(source), new MysqlLexer(name, server))) {
    const place = { name, line: statement.line, command: statement.command };
    const verdict = judge.judge(statement);
    if (verdict.do === 'refuse')
      throw sqlRefused({ ...place, command: verdict.command ?? place.command }, verdict.why);
    if (verdict.do === 'skip') yield { kind: 'skipped', why: verdict.why, ...place };
    else {
      const bytes = redirected(statement, judge.ownNames, target);
      yield { kind: 'statement', bytes, statement, ...place };
    }
  }
}

/** The statement for the database that is loaded, by whatever name of its own the dump calls that. */
function redirected(statement: Statement, ownNames: readonly string[], target: string): Buffer {
  const bytes = withoutDefiner(statement);
  const others = ownNames.filter((own) => own !== target);
  // Rows are constants, and long: only the name of their table can have a database before it.
  const areRows = statement.has(0, 'INSERT') || statement.has(0, 'REPLACE');
  const isPlain = areRows && !statement.isSymbol(statement.find('INTO') + 2, '.');
  return others.length === 0 || isPlain
    ? bytes
    : renameDatabases(bytes, new Map(others.map((own) => [own, target])), true);
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
