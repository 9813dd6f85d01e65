import { InvalidRequestError } from '../errors/errors.ts';
import { type CloudEvent, cloudEventSchema, type EventType } from '../model/cloud-event.ts';
import type { EnvironmentHooks } from '../model/hook.ts';
import type { EnvironmentRef } from '../model/ids.ts';
import type { Json } from '../model/values.ts';

interface HookEventParts {
  /** The same every time that the same thing is asked: by it the other side knows a repetition. */
  readonly id: string;
  readonly type: EventType;
  /** The environment that is asked. */
  readonly environment: EnvironmentRef;
  /** The run that asks. */
  readonly subject?: string;
  readonly time: string;
  readonly data: Json;
}

/** What a hook is called with. */
export function hookEvent({ id, type, environment, subject, time, data }: HookEventParts): CloudEvent {
  return cloudEventSchema.parse({
    specversion: '1.0',
    id,
    type,
    source: `/projects/${environment.projectId}/environments/${environment.environment}`,
    ...(subject === undefined ? {} : { subject }),
    time,
    datacontenttype: 'application/json',
    data,
  });
}

/** @throws InvalidRequestError where an environment can't be quiesced */
export function quiesceHooks(
  environment: EnvironmentRef & { readonly hooks?: EnvironmentHooks | undefined },
) {
  const { quiesce, resume, maxQuiesceSeconds } = environment.hooks ?? {};
  if (quiesce !== undefined && resume !== undefined && maxQuiesceSeconds !== undefined) {
    return { quiesce, resume, maxQuiesceSeconds };
  }
  throw new InvalidRequestError(
    `consistency: ${environment.projectId}/${environment.environment} declares no hooks \`quiesce\` and \`resume\`. Declare both, or take the strategy databaseFirst.`,
  );
}
