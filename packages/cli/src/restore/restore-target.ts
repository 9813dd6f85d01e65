import {
  type Backup,
  besideLocation,
  type DatabaseConnection,
  databaseConnectionSchema,
  type Environment,
  type RestoreTarget,
  type Unit,
} from '@lcb/core';
import { databaseUrlProblem, locationProblem, locationUrl, urlShapes } from '../config/values.ts';
import { UsageError } from '../usage-error.ts';

/** What the options say of the target. */
export interface TargetOptions {
  readonly targetEnvironment: string;
  readonly targetDatabase?: string | undefined;
  readonly targetSecret?: string | undefined;
  readonly targetLibrary?: string | undefined;
}

export interface TargetChoice {
  readonly backup: Backup;
  readonly units: readonly Unit[];
  readonly declared: readonly Environment[];
  readonly options: TargetOptions;
  /** What a path in an option is relative to. */
  readonly workingDirectory: string;
}

/** Longest name of a database: PostgreSQL counts bytes, MySQL characters. */
const maxDatabaseName = { postgresql: 63, mysql: 64 } as const;
const defaultPorts = { postgresql: '5432', mysql: '3306' } as const;

/** Where to restore: as lcb.yaml declares the environment, or else as the options say, or else beside the source. */
export function restoreTarget(choice: TargetChoice): RestoreTarget {
  const { backup, declared, options, units } = choice;
  const environment = options.targetEnvironment;
  const known = declared.find((one) => one.projectId === backup.projectId && one.environment === environment);
  const target = known === undefined ? undeclaredTarget(choice) : declaredTarget(known, options);
  const missing = units.find((unit) => unit !== 'search' && target[unit] === undefined);
  if (missing === undefined) return target;
  throw new UsageError(
    `lcb.yaml declares no ${missing} for ${backup.projectId}/${environment}, and ${backup.runId} has one. Declare it, or leave it out with --units.`,
  );
}

function declaredTarget(
  { environment, database, documentLibrary, liferay }: Environment,
  options: TargetOptions,
): RestoreTarget {
  const given = (['targetDatabase', 'targetSecret', 'targetLibrary'] as const).find(
    (name) => options[name] !== undefined,
  );
  if (given !== undefined) {
    throw new UsageError(
      `lcb.yaml declares the environment ${environment}, and so its ${given === 'targetLibrary' ? 'library' : 'database'}. Leave the option out, or name another environment.`,
    );
  }
  return {
    environment,
    ...(database === undefined ? {} : { database: databaseConnectionSchema.parse(database) }),
    ...(documentLibrary === undefined ? {} : { documentLibrary: { location: documentLibrary.location } }),
    ...(liferay === undefined ? {} : { liferay }),
  };
}

function undeclaredTarget({ backup, units, options, workingDirectory }: TargetChoice): RestoreTarget {
  const { source } = backup.request;
  const environment = options.targetEnvironment;
  const database = units.includes('database') ? targetDatabase(source, options) : undefined;
  const location = units.includes('documentLibrary')
    ? targetLibrary(source, options, workingDirectory)
    : undefined;
  return {
    environment,
    ...(database === undefined ? {} : { database }),
    ...(location === undefined ? {} : { documentLibrary: { location } }),
  };
}

function targetDatabase({ database }: Environment, options: TargetOptions): RestoreTarget['database'] {
  const { targetDatabase: given, targetSecret, targetEnvironment } = options;
  if (database === undefined) return undefined;
  const { engine, secret } = database;
  if (given === undefined) {
    const url = new URL(database.url);
    const name = `${decodeURIComponent(url.pathname.slice(1))}_${targetEnvironment.replaceAll('-', '_')}`;
    const length = engine === 'mysql' ? [...name].length : Buffer.byteLength(name);
    if (length > maxDatabaseName[engine]) {
      throw new UsageError(
        `The name ${name} of the new database would have more than ${maxDatabaseName[engine]} characters. Name one with --target-database.`,
      );
    }
    url.pathname = `/${encodeURIComponent(name)}`;
    return databaseConnectionSchema.parse({ engine, url: url.href, secret: targetSecret ?? secret });
  }
  const problem = databaseUrlProblem(
    engine,
    given,
    `must look like ${urlShapes[engine]}`,
    'with --target-secret',
  );
  if (problem !== undefined) throw new UsageError(`--target-database ${problem}.`);
  // The source's secret is for the source's server and user only.
  const isSameLogin = login(engine, given) === login(engine, database.url);
  return databaseConnectionSchema.parse({
    engine,
    url: given,
    secret: targetSecret ?? (isSameLogin ? secret : undefined),
  });
}

function login(engine: DatabaseConnection['engine'], url: string): string {
  const { hostname, port, username } = new URL(url);
  return `${username}@${hostname}:${port || defaultPorts[engine]}`;
}

function targetLibrary(
  { documentLibrary }: Environment,
  options: TargetOptions,
  workingDirectory: string,
): string | undefined {
  const { targetLibrary: given, targetEnvironment } = options;
  if (given === undefined)
    return documentLibrary && besideLocation(documentLibrary.location, `-${targetEnvironment}`);
  const problem = locationProblem(given);
  if (problem !== undefined)
    throw new UsageError(`--target-library ${problem.replace('lcb.yaml', 'this folder')}.`);
  return locationUrl(given, workingDirectory);
}
