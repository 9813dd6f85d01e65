import { type DumpStatements, parsedStatements } from '@lcb/core';

/** Commands that `pg_dump` and `mysqldump` write, or that a plain dump may hold. */
const commands: ReadonlySet<string> = new Set([
  'ALTER',
  'BEGIN',
  'CALL',
  'COMMENT',
  'COMMIT',
  'COPY',
  'CREATE',
  'DELETE',
  'DO',
  'DROP',
  'GRANT',
  'INSERT',
  'LOCK',
  'REFRESH',
  'REPLACE',
  'RESET',
  'REVOKE',
  'SECURITY',
  'SELECT',
  'SET',
  'START',
  'TRUNCATE',
  'UNLOCK',
  'UPDATE',
  'USE',
  'WITH',
]);
/** Whose object says more than the command: `CREATE TABLE`, `ALTER SEQUENCE`. */
const ofObject: ReadonlySet<string> = new Set(['ALTER', 'CREATE', 'DROP']);
/** Words between `CREATE` and the object. */
const qualifier =
  /^(?:OR|REPLACE|UNIQUE|UNLOGGED|TEMP|TEMPORARY|TRUSTED|PROCEDURAL|RECURSIVE|CONSTRAINT|DEFAULT|ALGORITHM=UNDEFINED)$/;
const longestExample = 40;

/** Looks at the first statements of a dump: do they begin as SQL does, and what are they? */
export class FirstStatements {
  readonly #kinds = new Map<string, number>();
  #parsed = 0;
  #unrecognised = 0;
  #first: string | undefined;

  /** @param text is asked for its beginning only where it counts */
  add(text: { head(): string }): void {
    if (this.#parsed === parsedStatements) return;
    this.#parsed += 1;
    const [command = '', ...rest] = text
      .head()
      .slice(0, 200)
      .toUpperCase()
      .trim()
      .split(/[\s(;`]+/);
    if (!commands.has(command)) {
      this.#unrecognised += 1;
      this.#first ??= command.slice(0, longestExample);
      return;
    }
    const object = ofObject.has(command) ? rest.find((word) => !qualifier.test(word)) : undefined;
    const kind = object === undefined || !/^[A-Z]+$/.test(object) ? command : `${command} ${object}`;
    this.#kinds.set(kind, (this.#kinds.get(kind) ?? 0) + 1);
  }

  get found(): DumpStatements {
    const first = this.#first;
    return {
      parsed: this.#parsed,
      kinds: Object.fromEntries([...this.#kinds].sort()),
      unrecognised: { count: this.#unrecognised, ...(first === undefined ? {} : { first }) },
    };
  }
}
