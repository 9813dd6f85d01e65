import type { TrustedKey } from '@lcb/core';
import type { LocalProvider } from '@lcb/functions-local';
import type { CommandContext } from '../cli/command-context.ts';
import { loadConfig } from '../config/load-config.ts';
import { settingsWithoutConfig } from '../config/settings-without-config.ts';
import { locationUrl } from '../config/values.ts';
import { unitsToRestore } from '../restore/restore-units.ts';
import { findBackup } from '../service/find-run.ts';
import { openProvider, withService } from '../service/open-service.ts';
import { readTrustedKeys } from '../verify/trusted-keys.ts';
import { type BackupPlace, findInLocation } from './open-backup.ts';

export interface LocatedBackup extends BackupPlace {
  readonly provider: LocalProvider['provider'];
  readonly trusted: readonly TrustedKey[];
  /** What the catalog says was sealed, where it was asked. */
  readonly sealedSha256: string | undefined;
}

export interface Whereabouts {
  /** A backup location: then no catalog is asked, and no lcb.yaml need be there if keys are given. */
  readonly location: string | undefined;
  readonly keyFiles: readonly string[] | undefined;
}

/** The backup of this id: by the catalog, or in a location that was named. */
export async function locateBackup(
  context: CommandContext,
  backupId: string,
  { location, keyFiles }: Whereabouts,
): Promise<LocatedBackup> {
  const givenKeys = keyFiles === undefined ? undefined : readTrustedKeys(keyFiles);
  if (location !== undefined) {
    const { workingDirectory } = context.places;
    const settings =
      givenKeys === undefined ? loadConfig(context.places) : settingsWithoutConfig(context.places);
    const local = await openProvider(context, settings);
    const store = local.provider.objectStore(locationUrl(location, workingDirectory));
    await store.probe();
    const place = await findInLocation(store, backupId);
    const trusted = givenKeys ?? (await local.trustedKeys());
    return { ...place, provider: local.provider, trusted, sealedSha256: undefined };
  }
  const settings = loadConfig(context.places);
  const backup = await withService(context, settings, (service) => findBackup(service, settings, backupId));
  // Refuses what is not over, was deleted, or has nothing usable, in the words of a restore.
  unitsToRestore(
    backup,
    backup.request.units.filter((unit) => backup.units[unit]?.usable === true),
  );
  const { projectId, environment, source } = backup.request;
  const local = await openProvider(context, settings);
  return {
    store: local.provider.objectStore(source.backups.location),
    ref: { projectId, environment },
    backupId,
    provider: local.provider,
    trusted: givenKeys ?? (await local.trustedKeys()),
    sealedSha256: backup.sealed?.manifestSha256,
  };
}
