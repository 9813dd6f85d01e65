import { EnvironmentBusyError, InvalidRequestError, type RunRequest } from '@lcb/core';
import { sql } from 'kysely';
import type { CatalogTransaction } from '../database/act-as.ts';
import { resourceOf } from './accept-request.ts';

export type Refusal = InvalidRequestError | EnvironmentBusyError;

export function requestChanged(request: RunRequest, runId: string): Refusal {
  return new InvalidRequestError(
    `The request id ${request.requestId} was used for run ${runId} with other content. Use a new id for a new request.`,
    'request.changed',
  );
}

/**
 * Why a new request can't be recorded now; undefined when it can.
 * @param now RFC 3339, the catalog's clock
 */
export async function refusalOf(
  trx: CatalogTransaction,
  request: RunRequest,
  now: string,
): Promise<Refusal | undefined> {
  if (request.notAfter !== undefined && Date.parse(request.notAfter) < Date.parse(now)) {
    return new InvalidRequestError(
      `The request ${request.requestId} was valid until ${request.notAfter}, and it is ${now}. Make a new one.`,
      'request.expired',
    );
  }
  return await environmentBusy(trx, request);
}

const rival = { backup: 'restore', restore: 'backup' } as const;

/** A backup and a restore of one environment never wait for each other; runs of the same kind, deletions, copies and sweeps queue. */
async function environmentBusy(trx: CatalogTransaction, request: RunRequest): Promise<Refusal | undefined> {
  if (request.kind !== 'backup' && request.kind !== 'restore') return undefined;
  const environment = resourceOf(request);
  const other = await trx
    .selectFrom('runs')
    .select(['run_id', 'kind', 'epoch'])
    .where('project_id', '=', request.projectId)
    .where('environment', '=', environment)
    .where('kind', '=', rival[request.kind])
    // Written out, so that the partial index of open runs applies.
    .where(sql<boolean>`state in ('Pending', 'InProgress', 'Validating')`)
    .orderBy('queue_position')
    .limit(1)
    .executeTakeFirst();
  if (other === undefined) return undefined;
  const verb = other.epoch > 0 ? 'holds' : 'waits for';
  return new EnvironmentBusyError(
    `The ${other.kind} ${other.run_id} ${verb} the environment ${environment}; a ${request.kind} can be requested when it is over.`,
  );
}
