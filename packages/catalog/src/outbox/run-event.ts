import { type CloudEvent, cloudEventSchema, type Run } from '@lcb/core';

export type RunEventName = 'requested' | 'succeeded' | 'failed' | 'cancelled';

/**
 * What the world is told of a run. The id comes from the run and the type, so that the same news told again is the same
 * event.
 * @param time RFC 3339, the catalog's clock
 */
export function runEvent(run: Run, name: RunEventName, time: string): CloudEvent {
  const type = `cloud.liferay.${run.kind}.${name}.v1`;
  return cloudEventSchema.parse({
    specversion: '1.0',
    id: `${run.runId}/${type}`,
    type,
    source: `/projects/${run.projectId}/environments/${run.environment}`,
    subject: run.runId,
    time,
    datacontenttype: 'application/json',
    data: {
      requestId: run.request.requestId,
      correlationId: run.request.correlationId,
      initiator: run.request.initiator,
      state: run.state,
      units: run.units,
      ...(run.error === undefined ? {} : { error: run.error }),
    },
  });
}
