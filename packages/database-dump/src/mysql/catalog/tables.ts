import { z } from 'zod';
import { countColumn, type Session } from '../connection/session.ts';
import { quoteName } from './quote.ts';

/** A table whose rows a dump carries. */
export interface FoundTable {
  readonly schema: string;
  readonly table: string;
  readonly storageEngine: string;
}

/** The engines whose tables a snapshot freezes. */
const TRANSACTIONAL = ['innodb', 'rocksdb', 'tokudb', 'ndbcluster', 'ndb'];
/** Engines whose rows lie elsewhere: the dump tools write their definitions only. */
const ELSEWHERE = [
  'mrg_myisam',
  'mrg_isam',
  'merge',
  'federated',
  'connect',
  'oqgraph',
  'spider',
  'vp',
  's3',
];

export function isTransactional({ storageEngine }: FoundTable): boolean {
  return TRANSACTIONAL.includes(storageEngine.toLowerCase());
}

export function keepsRowsElsewhere({ storageEngine }: FoundTable): boolean {
  return ELSEWHERE.includes(storageEngine.toLowerCase());
}

/** The table by whose comment a restored database is known; it is no part of any environment. */
export const markTable = 'lcb_restore';

/** Tables of these databases, sorted by schema and table; neither views nor sequences. */
export async function listTables(session: Session, schemas: readonly string[]): Promise<FoundTable[]> {
  return await session.query(
    z.object({ schema: z.string(), table: z.string(), storageEngine: z.string() }),
    `SELECT table_schema AS \`schema\`, table_name AS \`table\`, COALESCE(engine, '') AS storageEngine
     FROM information_schema.tables
     WHERE table_schema IN (?) AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') AND table_name <> ?
     ORDER BY table_schema, table_name`,
    [schemas, markTable],
  );
}

/** Sequences of MariaDB. */
export async function countSequences(session: Session, schemas: readonly string[]): Promise<number> {
  const { count } = await session.one(
    z.object({ count: countColumn }),
    `SELECT COUNT(*) AS count FROM information_schema.tables WHERE table_schema IN (?) AND table_type = 'SEQUENCE'`,
    [schemas],
  );
  return count;
}

export async function countRows(session: Session, { schema, table }: Omit<FoundTable, 'storageEngine'>) {
  const sql = `SELECT COUNT(*) AS count FROM ${quoteName(schema, table)}`;
  const { count } = await session.one(z.object({ count: countColumn }), sql);
  return count;
}

/** About how many bytes the rows have, by the server's statistics. */
export async function estimateBytes(session: Session, schemas: readonly string[]) {
  return await session.one(
    z.object({ rows: countColumn, all: countColumn }),
    `SELECT COALESCE(SUM(data_length), 0) AS \`rows\`, COALESCE(SUM(data_length + index_length), 0) AS \`all\`
     FROM information_schema.tables WHERE table_schema IN (?) AND table_type = 'BASE TABLE'`,
    [schemas],
  );
}
