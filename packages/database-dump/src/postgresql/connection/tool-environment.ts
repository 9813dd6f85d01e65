import { type Endpoint, parameterVariables } from './endpoint.ts';

/** Needed to find a tool's libraries and certificates; the rest of our environment is nobody's business. */
const HANDED_DOWN = ['PATH', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'HOME'];

/**
 * The environment of `pg_dump` and `psql`: where to connect and how to get in. The password goes this way because
 * an environment, unlike a command line, can be read by the same user only, and because unlike a file it is gone with
 * the process, however that ends.
 *
 * @param settings of the session, as PostgreSQL names them.
 */
export function toolEnvironment(
  endpoint: Endpoint,
  settings: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of HANDED_DOWN) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  for (const [name, value] of endpoint.parameters) {
    const variable = parameterVariables.get(name);
    if (variable) env[variable] = value;
  }
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  if (env.PGOPTIONS !== undefined) options.unshift(env.PGOPTIONS);
  return {
    ...env,
    // Messages in English: whether to try again is read from some of them.
    LC_ALL: 'C',
    TZ: 'UTC',
    PGHOST: endpoint.host,
    PGPORT: String(endpoint.port),
    PGUSER: endpoint.user,
    PGDATABASE: endpoint.database,
    PGSSLMODE: endpoint.sslMode,
    PGCLIENTENCODING: 'UTF8',
    ...(endpoint.password === undefined ? {} : { PGPASSWORD: endpoint.password }),
    ...(options.length === 0 ? {} : { PGOPTIONS: options.join(' ') }),
  };
}

/**
 * What has no environment variable: keep-alives, since a load balancer forgets a connection that is silent for minutes
 * while the server builds an index. Given as `--dbname`, whose missing parts libpq takes from the environment.
 */
export const keepAliveArgument = '--dbname=keepalives_idle=30 keepalives_interval=10 keepalives_count=6';
