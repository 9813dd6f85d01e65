export { runLocalJob } from './job.ts';
export { type LocalService, type LocalServiceOptions, openLocalService } from './local-service.ts';
export type { OwnerEvent } from './owner.ts';
export { type LocalSettings, localSettingsSchema } from './settings.ts';
