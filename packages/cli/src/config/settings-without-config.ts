import { join } from 'node:path';
import { type LocalSettings, localSettingsSchema } from '@lcb/functions-local/settings';
import { UsageError } from '../usage-error.ts';
import type { ConfigPlaces } from './config-file.ts';
import { loadConfig } from './load-config.ts';

/** What lcb.yaml says, or, where there is none, enough to read a location that a command names. */
export function settingsWithoutConfig(places: ConfigPlaces): LocalSettings {
  try {
    return loadConfig(places);
  } catch (error) {
    if (!(error instanceof UsageError) || error.code !== 'config.notFound') throw error;
    const { workingDirectory: baseDirectory } = places;
    return localSettingsSchema.parse({
      stateDirectory: join(baseDirectory, '.lcb'),
      baseDirectory,
      catalog: { kind: 'embedded' },
      environments: [],
      limits: {},
    });
  }
}
