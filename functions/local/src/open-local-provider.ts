import { join } from 'node:path';
import type { BackupProvider, Clock, Hooks, Signer, TrustedKey } from '@lcb/core';
import { environmentHooks } from '@lcb/hooks';
import {
  childProcessJobs,
  localProvider,
  localSecrets,
  localSigner,
  localTrustedKeys,
} from '@lcb/provider-local';
import { openSearchEngine } from '@lcb/search';
import { localServices } from './local-services.ts';
import type { LocalSettings } from './settings.ts';

export interface LocalProviderOptions {
  readonly settings: LocalSettings;
  /** Program and arguments that run a job: the job's own arguments are appended. */
  readonly jobCommand: readonly [string, ...string[]];
  /** This machine's, unless told otherwise. */
  readonly clock?: Clock;
}

/** What reads and checks backups on this machine without the catalog: also when the catalog is lost. */
export interface LocalProvider {
  readonly provider: BackupProvider;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly hooks: Hooks;
  trustedKeys(): Promise<readonly TrustedKey[]>;
  /** Signs with a new key from now on. */
  rotateKey(): Promise<TrustedKey>;
}

const systemClock: Clock = { now: () => new Date().toISOString() };

/** Opens nothing yet: stores, databases and keys are opened when they are used. */
export function openLocalProvider({
  settings,
  jobCommand,
  clock = systemClock,
}: LocalProviderOptions): LocalProvider {
  const secrets = localSecrets({ env: process.env, baseDirectory: settings.baseDirectory });
  const keys = join(settings.stateDirectory, 'keys');
  const signer = localSigner({ directory: keys, clock });
  return {
    provider: localProvider({
      ...localServices(secrets, settings.stores, settings.limits.uploadBytes),
      stores: settings.stores,
      uploadsFolder: join(settings.stateDirectory, 'uploads'),
      search: openSearchEngine(secrets),
      copyConcurrency: settings.limits.copyConcurrency,
      jobs: childProcessJobs({ directory: join(settings.stateDirectory, 'jobs'), command: jobCommand }),
    }),
    signer,
    clock,
    hooks: environmentHooks({
      secrets,
      allow: settings.egress.allow,
      commands: { allowed: true, env: process.env },
    }),
    trustedKeys: () => localTrustedKeys(keys),
    rotateKey: () => signer.rotate(),
  };
}
