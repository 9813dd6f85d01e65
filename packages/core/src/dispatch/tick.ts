import { isFinal } from '../model/state.ts';
import type { Run } from '../model/run.ts';
import type { CloudEvent } from '../model/cloud-event.ts';
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
 * are started, running ones whose workflow is gone are ended as Failed, outgoing events are delivered.
 */
export async function tick(services: TickServices): Promise<void> {
  for (const run of await services.catalog.platform.admitted()) {
    if (run.state === 'Pending' || isFinal(run.state)) continue;
    const status = await services.workflows.status(run.runId);
    if (status !== 'running') await services.reap(run);
  }
  await admitAndStart(services);
  const delivered: string[] = [];
  try {
    for (const event of await services.catalog.platform.pendingEvents(eventsPerTick)) {
      await services.deliver(event);
      delivered.push(event.id);
    }
  } finally {
    if (delivered.length > 0) await services.catalog.platform.markDelivered(delivered);
  }
}
