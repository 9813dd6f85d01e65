import { type ObjectStore, type Secrets, type StoreSettings, settingsFor } from '@lcb/core';
import { PartMemory, type S3Connection, s3Connection, s3Store } from '@lcb/store-s3';

/**
 * Opens buckets as the settings say; stores that are reached in the same way share a client, and so its connections. All of them share the memory
 * for what is written.
 */
export function openBuckets(
  secrets: Secrets,
  stores: readonly StoreSettings[],
  uploadBytes: number,
): (location: string) => ObjectStore {
  const partMemory = new PartMemory(uploadBytes);
  const connections = new Map<string, S3Connection>();
  return (location) => {
    const { location: _location, ...settings } = settingsFor(stores, location) ?? { location };
    const name = JSON.stringify(settings);
    const connection = connections.get(name) ?? s3Connection({ ...settings, partMemory }, secrets);
    connections.set(name, connection);
    return s3Store(location, connection);
  };
}
