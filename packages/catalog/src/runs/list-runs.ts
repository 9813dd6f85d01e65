import {
  type Backup,
  InvalidRequestError,
  type RunFilter,
  type RunPage,
  timeSchema,
  type Unit,
} from '@lcb/core';
import { sql } from 'kysely';
import type { CatalogTransaction } from '../database/act-as.ts';
import { parseInput } from '../input.ts';
import { pageToken, parsePageToken } from './page-token.ts';
import { runFromRow } from './run-row.ts';

const largestPage = 1000;

/**
 * Newest first: by the time of the request, then by the order in which the catalog recorded them. Pages follow each
 * other by the last run's place and not by a count, so that new runs neither repeat nor hide what a reader has not seen.
 * @throws InvalidRequestError
 */
export async function listRuns(trx: CatalogTransaction, filter: RunFilter): Promise<RunPage> {
  if (!Number.isInteger(filter.limit) || filter.limit < 1 || filter.limit > largestPage) {
    throw new InvalidRequestError(`\`limit\` must be from 1 to ${largestPage}, not ${filter.limit}.`);
  }
  let query = trx.selectFrom('runs').selectAll();
  if (filter.kind !== undefined) query = query.where('kind', '=', filter.kind);
  if (filter.environment !== undefined) query = query.where('environment', '=', filter.environment);
  if (filter.states !== undefined) query = query.where(sql<boolean>`state = any(${[...filter.states]})`);
  if (filter.from !== undefined) query = query.where('requested_at', '>=', moment(filter.from, 'from'));
  if (filter.to !== undefined) query = query.where('requested_at', '<', moment(filter.to, 'to'));
  if (filter.unit !== undefined) query = query.where(hasUnit(filter.unit));
  if (filter.pageToken !== undefined) {
    const { requestedAt, queuePosition } = parsePageToken(filter.pageToken);
    query = query.where(
      sql<boolean>`(requested_at, queue_position) < (${requestedAt}::timestamptz, ${queuePosition}::bigint)`,
    );
  }
  // One more than asked for says whether there is another page.
  const rows = await query
    .orderBy('requested_at', 'desc')
    .orderBy('queue_position', 'desc')
    .limit(filter.limit + 1)
    .execute();
  const page = rows.slice(0, filter.limit);
  const last = page.at(-1);
  const runs = page.map(runFromRow);
  return rows.length > page.length && last !== undefined
    ? { runs, nextPageToken: pageToken(last) }
    : { runs };
}

/** The newest backup of an environment that an incremental one may build on; see the port. */
export async function latestBackup(
  trx: CatalogTransaction,
  environment: string,
  unit: Unit,
): Promise<Backup | undefined> {
  const row = await trx
    .selectFrom('runs')
    .selectAll()
    .where('kind', '=', 'backup')
    .where('environment', '=', environment)
    .where('state', '=', 'Succeeded')
    .where('sealed', 'is not', null)
    .where('deleted_at', 'is', null)
    // Made from somebody's files: its library is not the environment's.
    .where(sql<boolean>`request->>'type' <> 'Uploaded'`)
    .where(hasUnit(unit))
    .orderBy('requested_at', 'desc')
    .orderBy('queue_position', 'desc')
    .limit(1)
    .executeTakeFirst();
  const run = row === undefined ? undefined : runFromRow(row);
  return run?.kind === 'backup' ? run : undefined;
}

function hasUnit(unit: Unit) {
  return sql<boolean>`units ? ${unit}`;
}

function moment(time: string, name: string): Date {
  return new Date(parseInput(timeSchema, time, `\`${name}\``));
}
