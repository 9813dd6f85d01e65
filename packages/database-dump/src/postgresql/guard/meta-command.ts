import { refuse, run, skip, type Verdict } from '../../guard/verdict.ts';

/** psql's own pair around a dump, with a random word, since pg_dump 13.22, 14.19, 15.14, 16.10 and 17.6. */
const RESTRICT = /^(?:un)?restrict [A-Za-z0-9]+$/;
const CONNECT = /^(?:connect|c)\s+(.+)$/;

/** Judges the commands of psql in a dump; none is ever given to psql. */
export class MetaCommands {
  #connected: string | undefined;

  /** @param text what follows the backslash in its line. */
  judge(text: string, isInStatement: boolean): Verdict {
    const command = `\\${/^[^\s\w]|\w*/.exec(text)?.[0] ?? ''}`;
    if (isInStatement) return refuse('a command of psql stands inside of a statement', command);
    if (RESTRICT.test(text)) return run;
    const [, database] = CONNECT.exec(text) ?? [];
    if (database === undefined) return refuse('it is a command of psql, and none is run', command);
    if (this.#connected !== undefined && this.#connected !== database) {
      return refuse('the file is of several databases. Dump the one database with pg_dump', command);
    }
    this.#connected = database;
    return skip('everything goes to the one database that is loaded');
  }
}
