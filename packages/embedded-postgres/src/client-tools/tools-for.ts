import { EmbeddedPostgresError, messageOf } from '../errors.ts';
import type { ClientTools } from './client-tools.ts';
import { fetchClientTools } from './fetch-client-tools.ts';
import { allTools, findClientTools } from './find-client-tools.ts';
import { chosenFolder } from './tool-folders.ts';

/**
 * Client tools for a server: those on this machine, else fetched into the cache.
 *
 * @param serverMajor Such as 15.
 * @throws EmbeddedPostgresError `postgres.toolsMissing` that says what to install.
 */
export async function toolsFor(serverMajor: number): Promise<ClientTools> {
  const found = await findClientTools({ serverMajor });
  if (found) return found;
  const tried = [];
  for (const major of [17, 18] as const) {
    if (major < serverMajor) continue;
    try {
      return await fetchClientTools(major);
    } catch (error) {
      tried.push(messageOf(error));
    }
  }
  throw new EmbeddedPostgresError(
    'postgres.toolsMissing',
    [
      `No pg_dump and psql for a PostgreSQL ${serverMajor} server.`,
      installHint(serverMajor),
      `On this machine: ${await describeFound()}.`,
      ...tried,
    ].join('\n'),
  );
}

/** What a person can do to have the tools of a major. */
export function installHint(major: number): string {
  const install =
    process.platform === 'darwin'
      ? `brew install postgresql@${major}`
      : `apt install postgresql-client-${major} (Debian, Ubuntu), or dnf install postgresql${major} (from the PGDG repository)`;
  return `Install them: ${install}; or set LCB_PG_BIN to a folder that has both, version ${major} or newer.`;
}

async function describeFound(): Promise<string> {
  const found = (await allTools()).map((tools) => `${tools.version} (${tools.pgDump})`);
  const chosen = chosenFolder();
  return [
    found.length > 0 ? found.join(', ') : 'none',
    ...(chosen ? [`LCB_PG_BIN is ${chosen}, where none fit`] : []),
  ].join('; ');
}
