import type { ClientTools } from '../client-tools.ts';
import type { Endpoint } from './endpoint.ts';

/** Needed to find a tool's libraries and plug-ins; the rest of our environment is nobody's business. */
const HANDED_DOWN = ['PATH', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'HOME'];

/**
 * The environment of the programs, with the password: unlike a command line it can be read by the same user only, and
 * unlike an option file it is gone with the process, however that ends.
 */
export function toolEnvironment({ password }: Endpoint): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of HANDED_DOWN) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  // Messages in English: whether to try again is read from some of them.
  return { ...env, LC_ALL: 'C', TZ: 'UTC', ...(password === undefined ? {} : { MYSQL_PWD: password }) };
}

/** Where to connect, for either kind of program. Nobody's option file is read: it must be the first argument. */
export function connectionArguments(endpoint: Endpoint, tools: ClientTools): string[] {
  const { host, port, socket, user, sslFiles } = endpoint;
  return [
    '--no-defaults',
    `--user=${user}`,
    ...(socket === undefined
      ? ['--protocol=tcp', `--host=${host}`, `--port=${port}`]
      : ['--protocol=socket', `--socket=${socket}`]),
    '--default-character-set=utf8mb4',
    // As much as the protocol allows: one row with a large blob is one packet.
    '--max-allowed-packet=1073741824',
    ...Object.entries(sslFiles).map(([name, path]) => `--ssl-${name}=${path}`),
    ...(tools.flavour === 'mysql' ? mysqlSsl(endpoint) : mariadbSsl(endpoint)),
  ];
}

function mysqlSsl({ sslMode }: Endpoint): string[] {
  return [`--ssl-mode=${sslMode.toUpperCase().replaceAll('-', '_')}`];
}

/** MariaDB's programs know no "if possible": they encrypt where the server can, unless told not to. */
function mariadbSsl({ sslMode }: Endpoint): string[] {
  if (sslMode === 'disabled') return ['--skip-ssl'];
  const verifies = sslMode === 'verify-ca' || sslMode === 'verify-identity';
  const verification = verifies ? '--ssl-verify-server-cert' : '--skip-ssl-verify-server-cert';
  return sslMode === 'preferred' ? [verification] : ['--ssl', verification];
}
