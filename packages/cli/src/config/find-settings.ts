import type { LocalSettings } from '@lcb/functions-local/settings';
import { UsageError } from '../usage-error.ts';
import type { ConfigPlaces } from './config-file.ts';
import { loadConfig } from './load-config.ts';

/** The configuration where there is one: for commands that can do without. One that was named must be there. */
export function findSettings(places: ConfigPlaces): LocalSettings | undefined {
  try {
    return loadConfig(places);
  } catch (error) {
    const isNamed = places.option !== undefined || (places.variable !== undefined && places.variable !== '');
    if (!isNamed && error instanceof UsageError && error.code === 'config.notFound') return undefined;
    throw error;
  }
}
