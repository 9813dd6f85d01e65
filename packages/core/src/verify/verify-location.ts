import type { ReadingLevel, Sample } from '../model/verification.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { TrustedKey } from '../ports/signer.ts';
import { findEnvironments, type LocationChoice } from './find-environments.ts';
import type { Noted } from './notes.ts';
import { type EnvironmentReport, verifyEnvironment } from './verify-environment.ts';

export interface LocationRequest {
  /** The backup location. Nothing else is needed: no catalog, no service, no configuration. */
  readonly store: ObjectStore;
  /** Keys that the caller trusts; whatever the location itself says of keys is not believed. */
  readonly trustedKeys: readonly TrustedKey[];
  readonly choice?: LocationChoice;
  readonly level: ReadingLevel;
  /** Which objects of each backup the level `sample` reads. */
  readonly sample: Sample;
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: { readonly bytes: number; readonly expectedBytes: number }) => void;
}

export interface LocationReport {
  /** Nothing is wrong, and nothing is left unverified. */
  readonly ok: boolean;
  readonly environments: readonly EnvironmentReport[];
  /** Files that belong to no environment. */
  readonly strangers: Noted;
}

/** Verifies every backup of a location, each copy once, however many backups share it. Damage is an answer, not an error. */
export async function verifyLocation(request: LocationRequest): Promise<LocationReport> {
  const { environments: found, strangers } = await findEnvironments(request.store, request.choice);
  let bytes = 0;
  let expectedBytes = 0;
  const environments: EnvironmentReport[] = [];
  for (const environment of found) {
    environments.push(
      await verifyEnvironment(
        request,
        environment,
        (read) => {
          bytes += read;
          request.onProgress({ bytes, expectedBytes });
        },
        (planned) => {
          expectedBytes += planned;
        },
      ),
    );
  }
  const ok = environments.every(
    ({ backups, problems }) => problems.count === 0 && backups.every((backup) => backup.ok),
  );
  return { ok, environments, strangers };
}
