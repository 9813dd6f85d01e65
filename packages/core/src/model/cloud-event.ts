import { z } from 'zod';
import { runKindSchema } from './ids.ts';
import { jsonSchema, timeSchema } from './values.ts';

const runEventTypes = runKindSchema.options.flatMap((kind) =>
  (['requested', 'succeeded', 'failed', 'cancelled'] as const).map(
    (what) => `cloud.liferay.${kind}.${what}.v1` as const,
  ),
);

export const eventTypes = [
  ...runEventTypes,
  // Sent to an environment's hooks.
  'cloud.liferay.environment.quiesce.v1',
  'cloud.liferay.environment.resume.v1',
  'cloud.liferay.environment.reindex.v1',
  'cloud.liferay.environment.switched.v1',
] as const;
export type EventType = (typeof eventTypes)[number];

/** CloudEvents 1.0 in JSON, as they come in and go out. */
export const cloudEventSchema = z.object({
  specversion: z.literal('1.0'),
  id: z.string().min(1),
  type: z.enum(eventTypes),
  /** `/projects/{projectId}/environments/{environment}` */
  source: z.string().min(1),
  /** The run's id. */
  subject: z.string().min(1).optional(),
  time: timeSchema,
  datacontenttype: z.literal('application/json').optional(),
  data: jsonSchema.optional(),
});
export type CloudEvent = z.infer<typeof cloudEventSchema>;
