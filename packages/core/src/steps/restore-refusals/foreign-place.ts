import { InvalidRequestError } from '../../errors/errors.ts';
import { databaseName, type Environment } from '../../model/project.ts';
import type { Restore } from '../../model/run.ts';
import { refuseNesting } from '../refuse-nesting.ts';
import { placesOf } from '../restore-places.ts';
import type { RestoreSource } from '../restore-source.ts';
import type { ReadServices } from '../step-context.ts';

/**
 * A target inside another library would become part of it; one inside backups would be swept; the database of another
 * environment is none of this restore's.
 * @throws InvalidRequestError `request.nestedLocations`, `restore.foreignDatabase`
 */
export async function refuseForeignPlace(
  { restore, manifest, backup }: RestoreSource,
  context: ReadServices,
): Promise<void> {
  const { projectId } = restore.request;
  const declared = await context.catalog.forProject(projectId).environments();
  refuseForeignDatabase(restore, declared);
  const location = placesOf(restore).documentLibrary?.location;
  if (location === undefined) return;
  refuseNesting('The target library and the backups', location, backup.location);
  const source = manifest.units.documentLibrary?.source;
  if (source !== undefined && source !== location) {
    refuseNesting('The target library and the library that was backed up', location, source);
  }
  for (const other of declared) {
    const name = `${other.projectId}/${other.environment}`;
    refuseNesting(`The target library and the backups of ${name}`, location, other.backups.location);
    if (other.environment === restore.request.target.environment || other.documentLibrary === undefined)
      continue;
    refuseNesting(`The target library and the library of ${name}`, location, other.documentLibrary.location);
    const current = restore.request.target.documentLibrary?.location;
    if (restore.request.mode !== 'new' && current !== undefined)
      refuseNesting(
        `The library to be replaced and the library of ${name}`,
        current,
        other.documentLibrary.location,
      );
  }
}

function refuseForeignDatabase({ request }: Restore, declared: readonly Environment[]): void {
  const { database, environment } = request.target;
  if (database === undefined || request.mode === 'new') return;
  const other = declared.find(
    (one) =>
      one.environment !== environment && one.database !== undefined && isSame(one.database.url, database.url),
  );
  if (other === undefined) return;
  throw new InvalidRequestError(
    `The database ${databaseName(database.url)} is that of ${other.projectId}/${other.environment}; a restore of ${environment} does not replace it.`,
    'restore.foreignDatabase',
  );
}

/** The same database of the same server, whoever connects. */
function isSame(one: string, other: string): boolean {
  const [a, b] = [new URL(one), new URL(other)];
  const port = ({ port: given, protocol }: URL) => given || (protocol === 'mysql:' ? '3306' : '5432');
  return a.hostname === b.hostname && port(a) === port(b) && databaseName(one) === databaseName(other);
}
