import { InvalidRequestError } from '../errors/errors.ts';
import type { RestoreRequest } from '../model/run.ts';

/**
 * What a restore must say before it may replace an environment, and what does not go together. Refused at the door, so
 * that nothing is recorded.
 * @throws InvalidRequestError
 */
export function checkRestore(request: RestoreRequest): void {
  if (request.mode !== 'new') checkReplacement(request);
  checkLibraryOptions(request);
}

function checkReplacement({
  mode,
  confirmation,
  safetyBackup,
  target,
  units,
  projectId,
}: RestoreRequest): void {
  const name = `${projectId}/${target.environment}`;
  if (confirmation !== target.environment) {
    throw new InvalidRequestError(
      `confirmation: this restore replaces what ${name} holds, so the name ${target.environment} has to be given once more.`,
      'restore.notConfirmed',
    );
  }
  // A swap keeps the old one itself.
  if (mode === 'swap') return;
  if (safetyBackup === undefined) {
    throw new InvalidRequestError(
      'safetyBackup: say whether the environment is backed up before it is replaced, or that this is refused.',
      'restore.noSafetyBackup',
    );
  }
  if (safetyBackup.kind === 'refused') return;
  const { source } = safetyBackup;
  const covers =
    source.projectId === projectId &&
    source.environment === target.environment &&
    (!units.includes('database') || source.database?.url === target.database?.url) &&
    (!units.includes('documentLibrary') ||
      source.documentLibrary?.location === target.documentLibrary?.location);
  if (covers) return;
  throw new InvalidRequestError(
    `safetyBackup: its source is not what the restore replaces in ${name}: project, environment, database and library have to be the same.`,
    'restore.noSafetyBackup',
  );
}

function checkLibraryOptions({ mode, units, selection, ...request }: RestoreRequest): void {
  const hasLibrary = units.includes('documentLibrary');
  if (!hasLibrary && (selection !== undefined || request.withoutGeneratedFiles)) {
    throw new InvalidRequestError(
      'units: a selection and leaving out generated files are about the library, which is not restored. Add the unit documentLibrary.',
    );
  }
  if (selection !== undefined && mode !== 'new' && (mode === 'swap' || units.includes('database'))) {
    throw new InvalidRequestError(
      'selection: a part of a library goes into what is there, or into a new environment. Restore it in place with the unit documentLibrary alone.',
    );
  }
  if (request.removeUnreferenced && !(hasLibrary && units.includes('database'))) {
    throw new InvalidRequestError(
      'removeUnreferenced: what no row knows is told by the restored database. Restore both units, or leave it out.',
    );
  }
}
