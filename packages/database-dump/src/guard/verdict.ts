import { LcbError } from '@lcb/core';

/** What is done with a statement of somebody else's. */
export type Verdict =
  | { readonly do: 'run' }
  /** Left out and told: it concerns the source's server, or has nothing to do in an empty database. */
  | { readonly do: 'skip'; readonly why: string }
  /** @property command where the statement's first words do not name it well. */
  | { readonly do: 'refuse'; readonly why: string; readonly command?: string };

export const run: Verdict = { do: 'run' };

export function skip(why: string): Verdict {
  return { do: 'skip', why };
}

export function refuse(why: string, command?: string): Verdict {
  return command === undefined ? { do: 'refuse', why } : { do: 'refuse', why, command };
}

/** Where a refused or failed statement stands. */
export interface Place {
  /** Of the file. */
  readonly name: string;
  readonly line: number;
  readonly command: string;
}

/** What was refused was not run, and nothing after it. */
export function sqlRefused({ name, line, command }: Place, why: string): LcbError {
  return new LcbError({
    code: 'sql.refused',
    message: `${name}, line ${line}: ${command} is refused: ${why}. Take it out of the file, or make the file without it; nothing from there on was run.`,
  });
}
