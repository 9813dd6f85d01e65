export { type PlannedScript, planScripts } from '@lcb/database-dump';
export { runLocalJob } from './job.ts';
export { type LocalService, type LocalServiceOptions, openLocalService } from './local-service.ts';
export { type LocalProvider, type LocalProviderOptions, openLocalProvider } from './open-local-provider.ts';
export type { OwnerEvent } from './owner.ts';
export { type LocalSettings, localSettingsSchema } from './settings.ts';
