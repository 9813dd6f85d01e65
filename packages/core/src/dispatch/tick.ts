import type { CloudEvent } from '../model/cloud-event.ts';
import type { Run } from '../model/run.ts';
import { isFinal } from '../model/state.ts';
import type { Workflows } from '../ports/workflows.ts';
import { admitAndStart, type DispatchServices } from './dispatch.ts';

export interface TickServices extends DispatchServices {
  /** Ends a run whose workflow is gone: its finishing step, run outside of any workflow. */
  readonly reap: (run: Run) => Promise<void>;
  /** Delivers an outgoing event; throwing keeps it in the outbox. */
  readonly deliver: (event: CloudEvent) => Promise<void>;
}

const eventsPerTick = 100;

/**
 * What happens every so often, whoever calls: waiting runs are admitted, admitted ones that the engine does not know
 * are started, those whose workflow is gone are ended as Failed, outgoing events are delivered. A run that can't be
 * ended or an event that can't be delivered holds nobody up: all else is done, then the first error is thrown.
 */
export async function tick(services: TickServices): Promise<void> {
  const failures: unknown[] = [];
  for (const run of await services.catalog.platform.admitted()) {
    try {
      if (await isGone(run, services.workflows)) await services.reap(run);
    } catch (error) {
      failures.push(error);
    }
  }
  for (const work of [admitAndStart, deliverEvents]) {
    try {
      await work(services);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

/** A pending run that the engine does not know is not gone, it is yet to be started. */
async function isGone({ runId, state }: Run, workflows: Workflows): Promise<boolean> {
  if (isFinal(state)) return false;
  const status = await workflows.status(runId);
  return state === 'Pending' ? status === 'ended' : status !== 'running';
}

async function deliverEvents(services: TickServices): Promise<void> {
  const delivered: string[] = [];
  const failures: unknown[] = [];
  for (const event of await services.catalog.platform.pendingEvents(eventsPerTick)) {
    try {
      await services.deliver(event);
      delivered.push(event.id);
    } catch (error) {
      failures.push(error);
    }
  }
  if (delivered.length > 0) await services.catalog.platform.markDelivered(delivered);
  if (failures.length > 0) throw failures[0];
}
