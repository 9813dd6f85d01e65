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

/** What one statement was understood as. */
type Look = { readonly kind: string } | { readonly unrecognised: string };

/** Looks at the first statements of a dump: do they begin as SQL does, and what are they? */
export class FirstStatements {
  readonly #looks: Look[] = [];

  /** @param text is asked for its beginning only where it counts */
  add(text: { head(): string }): void {
    if (this.#looks.length < parsedStatements) this.#looks.push(lookAt(text.head()));
  }

  get found(): DumpStatements {
    return summed(this.#looks);
  }

  /** Of a dump in several parts, in their order. */
  static joined(parts: readonly FirstStatements[]): FirstStatements {
    const joined = new FirstStatements();
    joined.#looks.push(...parts.flatMap((part) => part.#looks).slice(0, parsedStatements));
    return joined;
  }
}

function lookAt(head: string): Look {
  const [command = '', ...rest] = head
    .slice(0, 200)
    .toUpperCase()
    .trim()
    .split(/[\s(;`]+/);
  if (!commands.has(command)) return { unrecognised: command.slice(0, longestExample) };
  const object = ofObject.has(command) ? rest.find((word) => !qualifier.test(word)) : undefined;
  return { kind: object === undefined || !/^[A-Z]+$/.test(object) ? command : `${command} ${object}` };
}

function summed(looks: readonly Look[]): DumpStatements {
  const kinds = new Map<string, number>();
  const unrecognised: string[] = [];
  for (const look of looks) {
    if ('kind' in look) kinds.set(look.kind, (kinds.get(look.kind) ?? 0) + 1);
    else unrecognised.push(look.unrecognised);
  }
  const [first] = unrecognised;
  return {
    parsed: looks.length,
    kinds: Object.fromEntries([...kinds].sort()),
    unrecognised: { count: unrecognised.length, ...(first === undefined ? {} : { first }) },
  };
}
