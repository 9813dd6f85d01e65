import type { Environment, RestoreRequest } from '@lcb/core';
import { UsageError } from '../usage-error.ts';

/** What the options say of replacing what the target holds. */
export interface ReplacementOptions {
  readonly targetEnvironment: string;
  readonly inPlace: boolean;
  readonly swap: boolean;
  readonly confirm?: string | undefined;
  /** False with `--no-safety-backup`. */
  readonly safetyBackup: boolean;
}

/**
 * How a restore treats what is there. Replacing is asked for by name, twice: an environment that lcb.yaml declares, and
 * its name once more.
 */
export function replacement(
  options: ReplacementOptions,
  projectId: string,
  declared: readonly Environment[],
): Pick<RestoreRequest, 'mode' | 'confirmation' | 'safetyBackup'> {
  const { inPlace, swap, confirm, targetEnvironment } = options;
  if (inPlace && swap) throw new UsageError('--in-place and --swap exclude each other.');
  if (!inPlace && !swap) return { mode: 'new' };
  const flag = inPlace ? '--in-place' : '--swap';
  const source = declared.find((one) => one.projectId === projectId && one.environment === targetEnvironment);
  if (source === undefined) {
    throw new UsageError(
      `${flag} replaces an environment that lcb.yaml declares, and it declares no ${projectId}/${targetEnvironment}.`,
    );
  }
  if (confirm !== targetEnvironment) {
    throw new UsageError(
      `${flag} replaces what ${projectId}/${targetEnvironment} holds. If that is meant, add --confirm ${targetEnvironment}.`,
    );
  }
  if (swap) return { mode: 'swap', confirmation: confirm };
  return {
    mode: 'inPlace',
    confirmation: confirm,
    safetyBackup: options.safetyBackup ? { kind: 'take', source } : { kind: 'refused' },
  };
}
