import { z } from 'zod';
import { quoteLiteral, quoteName } from '../catalog/quote.ts';
import { markTable } from '../catalog/tables.ts';
import type { Session } from '../connection/session.ts';

/** What a load counted when it was complete: events may change the database from then on. */
export interface LoadedCounts {
  readonly tables: number;
  readonly rows: number;
  readonly sequences: number;
}

/**
 * What is written on a database: whose it is, later also what it holds, and whether strangers' SQL ran in it. MySQL has no
 * comment on a database, so it is the comment on an empty table of a name of ours, `lcb_restore`, which changes in one
 * statement. It stays as the database's provenance, and is no part of any dump.
 */
export interface Mark {
  /** The restore that made it, if one did. */
  readonly runId?: string;
  /** Set once all is loaded: the dump's hash and what was counted. */
  readonly loaded?: { readonly dump: string; readonly counts: LoadedCounts };
  /** Whoever ran it: a user that has this database only leaves no other trace. */
  readonly isOfStrangers?: boolean;
}

const MARK =
  /^lcb(?: restore (\S+?)(?: loaded ([0-9a-f]{64}) tables (\d+) rows (\d+) sequences (\d+))?)?( of strangers)?$/;

function markText({ runId, loaded, isOfStrangers = false }: Mark): string {
  const of = isOfStrangers ? ' of strangers' : '';
  if (runId === undefined) return `lcb${of}`;
  if (!loaded) return `lcb restore ${runId}${of}`;
  const { tables, rows, sequences } = loaded.counts;
  return `lcb restore ${runId} loaded ${loaded.dump} tables ${tables} rows ${rows} sequences ${sequences}${of}`;
}

function parseMark(comment: string): Mark | undefined {
  const [mark, runId, dump, tables, rows, sequences, of] = MARK.exec(comment) ?? [];
  if (mark === undefined) return undefined;
  const isOfStrangers = of !== undefined;
  if (runId === undefined) return { isOfStrangers };
  if (dump === undefined) return { runId, isOfStrangers };
  const counts = { tables: Number(tables), rows: Number(rows), sequences: Number(sequences) };
  return { runId, isOfStrangers, loaded: { dump, counts } };
}

/** The marks on the server that this user can see, by database. */
export async function readMarks(session: Session): Promise<ReadonlyMap<string, Mark>> {
  const rows = await session.query(
    z.object({ schema: z.string(), comment: z.string() }),
    `SELECT table_schema AS \`schema\`, table_comment AS comment FROM information_schema.tables WHERE table_name = ?`,
    [markTable],
  );
  return new Map(
    rows.flatMap(({ schema, comment }) => {
      const mark = parseMark(comment);
      return mark === undefined ? [] : [[schema, mark] as const];
    }),
  );
}

/** Any database: another's is marked only after it was found empty, or was to be replaced. */
export async function writeMark(session: Session, schema: string, mark: Mark): Promise<void> {
  const table = quoteName(schema, markTable);
  await session.run(
    `CREATE TABLE IF NOT EXISTS ${table} (nothing INT) ENGINE = InnoDB COMMENT = ${quoteLiteral(markText(mark))}`,
  );
  await session.run(`ALTER TABLE ${table} COMMENT = ${quoteLiteral(markText(mark))}`);
}

/** Says of the session's own database that strangers' SQL runs in it, from now on. */
export async function markOfStrangers(session: Session): Promise<void> {
  const { schema } = await session.one(z.object({ schema: z.string() }), 'SELECT DATABASE() AS `schema`');
  const mark = (await readMarks(session)).get(schema);
  if (mark?.isOfStrangers !== true) await writeMark(session, schema, { ...mark, isOfStrangers: true });
}
