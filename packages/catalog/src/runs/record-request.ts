import { type AuditEvent, type Run, type RunRequest, safetyBackupRequest } from '@lcb/core';
import { holdChain } from '../audit/audit-chain.ts';
import type { CatalogTransaction } from '../database/act-as.ts';
import { serverTime } from '../database/server-time.ts';
import { enqueueEvent } from '../outbox/outbox.ts';
import { runEvent } from '../outbox/run-event.ts';
import { ensureProject } from '../projects.ts';
import { resourceOf } from './accept-request.ts';
import { type Refusal, refusalOf, requestChanged } from './refusal.ts';
import { reserveRun } from './reserve-run.ts';
import { runFromRow } from './run-row.ts';
import { isSameRequest } from './same-request.ts';

/** A refusal is answered and not thrown: its audit entry has to be committed. */
export type Recorded = { readonly run: Run; readonly created: boolean } | { readonly refusal: Refusal };

/**
 * Records a request once, however often it comes. The chain's head, taken first, makes the requests of one project
 * follow each other, so that what is looked up here still holds when the run is inserted.
 *
 * A request that was recorded before is answered also after its `notAfter`: dispatch repeats its request to admit and
 * start what is already promised; only a new run must not begin late.
 *
 * A restore over what is there comes with its safety backup, which is recorded before it and so runs before it.
 *
 * @param request as `acceptRequest` gave it
 */
export async function recordRequest(trx: CatalogTransaction, request: RunRequest): Promise<Recorded> {
  const chain = await holdChain(trx, request.projectId);
  const known = await findByRequestId(trx, request.projectId, request.requestId);
  const now = await serverTime(trx);
  if (known !== undefined && isSameRequest(known.request, request)) return { run: known, created: false };

  const refusal =
    known === undefined ? await refusalOf(trx, request, now) : requestChanged(request, known.runId);
  if (refusal !== undefined) {
    const details = { requestId: request.requestId, code: refusal.code, reason: refusal.message };
    await chain.append({ ...asked(request, now), subject: resourceOf(request), result: 'refused', details });
    return { refusal };
  }

  const safety = request.kind === 'restore' ? safetyBackupRequest(request) : undefined;
  if (safety !== undefined) {
    const recorded = await recordRequest(trx, safety);
    if ('refusal' in recorded) return recorded;
  }
  await ensureProject(trx, request.projectId);
  const run = await reserveRun(trx, request);
  const details = { requestId: request.requestId, environment: run.environment };
  // Taken anew: the safety backup's entry has moved the head.
  const head = safety === undefined ? chain : await holdChain(trx, request.projectId);
  await head.append({ ...asked(request, now), subject: run.runId, result: 'accepted', details });
  await enqueueEvent(trx, run.projectId, runEvent(run, 'requested', now));
  return { run, created: true };
}

function asked(
  request: RunRequest,
  at: string,
): Pick<AuditEvent, 'actor' | 'action' | 'at' | 'correlationId'> {
  return {
    actor: request.initiator,
    action: `${request.kind}.requested`,
    at,
    correlationId: request.correlationId,
  };
}

export async function findByRequestId(
  trx: CatalogTransaction,
  projectId: string,
  requestId: string,
): Promise<Run | undefined> {
  const row = await trx
    .selectFrom('runs')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('request_id', '=', requestId)
    .executeTakeFirst();
  return row === undefined ? undefined : runFromRow(row);
}
