import type { ObjectStore } from '@lcb/core';
import { localSecrets } from '@lcb/provider-local';
import { localServices } from './local-services.ts';

/** Opens a location by its URL alone, where there is no configuration. @throws InvalidRequestError for a kind that can't be opened */
export function openLocation(location: string, baseDirectory: string): ObjectStore {
  return localServices(localSecrets({ env: process.env, baseDirectory }), []).openStore(location);
}
