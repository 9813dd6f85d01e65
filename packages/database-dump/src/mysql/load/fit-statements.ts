import type { Server } from '../catalog/server.ts';
import { type DatabaseNames, renameDatabases } from '../scanner/database-names.ts';
import { type Statement, StatementScanner } from '../scanner/statement-scanner.ts';

/** A comment that MariaDB's own client reads and that older ones, and MySQL's, stumble over. We shut those commands out anyway. */
const SANDBOX = /\/\*M?!999999\\- enable the sandbox mode \*\/[ \t]*\n?/;
/** More bytes than that comment has. */
const FIRST_LINE = 256;
/** A mode that MySQL 8 has no more and MariaDB puts into the settings of every trigger and routine. */
const SET_MODE = /^SET\s+sql_mode/i;
const GONE_MODE = /NO_AUTO_CREATE_USER,?/;

export interface FitOptions {
  /** Databases by the names that they have at the source. */
  readonly names: DatabaseNames;
  /** Did the source's server tell names apart by case? Not known of a dump; `true` changes what is meant for sure. */
  readonly heedsCase: boolean;
  readonly target: Server;
}

/** Makes a dump fit where it is loaded, as it streams by: rows untouched, definitions with the names of the target's databases. */
export async function* fitStatements(
  source: AsyncIterable<Uint8Array>,
  { names, heedsCase, target }: FitOptions,
): AsyncGenerator<Buffer> {
  const renamed = new Map([...names].filter(([from, to]) => from !== to));
  const scanner = new StatementScanner({
    statement: (statement) => {
      const plain = fitMode(statement, target);
      return renamed.size === 0 ? plain : renameDatabases(plain, renamed, heedsCase);
    },
    insert: () => true,
    rows: () => {},
  });
  for await (const chunk of source)
    yield* scanner.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
  yield* scanner.finish();
}

/** A part that holds rows alone: their statements name tables without a database, so there is nothing to fit but its first line. */
export async function* fitRows(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of source) {
    if (head === undefined) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < FIRST_LINE) continue;
    yield withoutSandbox(head);
    head = undefined;
  }
  if (head !== undefined) yield withoutSandbox(head);
}

function withoutSandbox(head: Buffer): Buffer {
  const [line] = SANDBOX.exec(head.toString('latin1', 0, FIRST_LINE)) ?? [];
  return line !== undefined && head.indexOf(line) === 0 ? head.subarray(line.length) : head;
}

function fitMode({ bytes, head }: Statement, { flavour }: Server): Buffer {
  const isMode = flavour === 'mysql' && SET_MODE.test(head);
  if (!isMode && !bytes.includes('999999')) return bytes;
  const text = bytes.toString('latin1').replace(SANDBOX, '');
  return Buffer.from(isMode ? text.replace(GONE_MODE, '') : text, 'latin1');
}
