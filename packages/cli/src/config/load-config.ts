import { dirname } from 'node:path';
import { type LocalSettings, localSettingsSchema } from '@lcb/functions-local/settings';
import { UsageError } from '../usage-error.ts';
import { checkEnvironments } from './check-environments.ts';
import { checkStores } from './check-stores.ts';
import { type ConfigPlaces, configName, findConfig, readConfig } from './config-file.ts';
import { type Config, configSchema, type EnvironmentConfig } from './config-schema.ts';
import { explainIssue } from './explain-issue.ts';
import { hooksOf } from './hooks-of.ts';
import { configJsonSchema } from './json-schema.ts';
import { absolute, locationUrl } from './values.ts';
import { parseYamlFile } from './yaml-file.ts';

/** What lcb.yaml says, as the service takes it. @throws UsageError with a sentence for each mistake */
export function loadConfig(places: ConfigPlaces): LocalSettings {
  const path = findConfig(places);
  return parseConfig(path, readConfig(path));
}

/** @param path of the file: for messages, and for what is relative to it */
export function parseConfig(path: string, text: string): LocalSettings {
  const file = parseYamlFile(path, text);
  if (file.value === null || file.value === undefined) {
    throw new UsageError(
      `${path} is empty. \`lcb --help\` shows how a ${configName} begins.`,
      'config.invalid',
    );
  }
  const parsed = configSchema.safeParse(file.value, { reportInput: false });
  const baseDirectory = dirname(path);
  const mistakes = parsed.success
    ? [...checkEnvironments(parsed.data, baseDirectory), ...checkStores(parsed.data)]
    : parsed.error.issues.flatMap((issue) => explainIssue(issue, file.value, configJsonSchema()));
  if (parsed.success && mistakes.length === 0) return settingsOf(parsed.data, baseDirectory);
  throw new UsageError(file.locate(mistakes), 'config.invalid');
}

function settingsOf(config: Config, baseDirectory: string): LocalSettings {
  const { catalog, limits, validation, deletion } = config;
  return localSettingsSchema.parse({
    stateDirectory: absolute(config.stateDirectory, baseDirectory),
    baseDirectory,
    catalog:
      catalog === 'embedded'
        ? { kind: 'embedded' }
        : { kind: 'postgresql', ...(typeof catalog === 'string' ? { url: catalog } : catalog) },
    limits,
    validation,
    deletion,
    stores: config.stores,
    egress: config.egress,
    environments: Object.entries(config.projects).flatMap(([projectId, { environments }]) =>
      Object.entries(environments).map(([environment, declared]) => ({
        projectId,
        environment,
        ...placesOf(declared, baseDirectory),
      })),
    ),
  });
}

function placesOf(
  { database, library, liferay, backups, retention, timeZone, search, hooks }: EnvironmentConfig,
  baseDirectory: string,
) {
  const { location, ...options } = typeof library === 'object' ? library : { location: library };
  return {
    ...(database === undefined ? {} : { database }),
    ...(location === undefined
      ? {}
      : { documentLibrary: { location: locationUrl(location, baseDirectory), ...options } }),
    ...(liferay === undefined ? {} : { liferay }),
    backups: { location: locationUrl(backups, baseDirectory) },
    ...(retention === undefined ? {} : { retention }),
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(search === undefined ? {} : { search }),
    ...(hooks === undefined ? {} : { hooks: hooksOf(hooks, baseDirectory) }),
  };
}
