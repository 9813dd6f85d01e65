import { z } from 'zod';
import { jsonSchema, timeSchema } from './values.ts';

export const eventTypes = [
  'cloud.liferay.backup.requested.v1',
  'cloud.liferay.backup.succeeded.v1',
  'cloud.liferay.backup.failed.v1',
  'cloud.liferay.backup.cancelled.v1',
  'cloud.liferay.restore.requested.v1',
  'cloud.liferay.restore.succeeded.v1',
  'cloud.liferay.restore.failed.v1',
  'cloud.liferay.restore.cancelled.v1',
  'cloud.liferay.delete.requested.v1',
  'cloud.liferay.delete.succeeded.v1',
  'cloud.liferay.delete.failed.v1',
  'cloud.liferay.delete.cancelled.v1',
  'cloud.liferay.copy.requested.v1',
  'cloud.liferay.copy.succeeded.v1',
  'cloud.liferay.copy.failed.v1',
  'cloud.liferay.copy.cancelled.v1',
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
