import type { PlainTools } from './plain-tools.ts';

const server = '-h "$DB_HOST" -P "$DB_PORT" -u "$DB_USER"';
const client = `--no-defaults --protocol=tcp ${server}`;
const dump = `mariadb-dump ${client} --single-transaction --routines --triggers --events "$DB_NAME"`;
const myDumper = `mydumper ${server} -B "$DB_NAME" -t 2`;
/** Without it one thread has the whole of the large table. */
const pieces = '-r 10000';

/** MariaDB's own tools, and mydumper, which keeps what it dumps as it is. */
export function mariadbTools(databaseUrl: string): PlainTools {
  const env = variablesOf(databaseUrl);
  return {
    dumps: [
      {
        name: 'mariadb-dump to gzip',
        programs: ['mariadb-dump', 'gzip'],
        env,
        script: `${dump} | gzip > "$TO"`,
      },
      {
        name: 'mariadb-dump to zstd -3 -T0',
        programs: ['mariadb-dump', 'zstd'],
        env,
        script: `${dump} | zstd -3 -T0 -q > "$TO"`,
      },
      { name: 'mydumper -t2', programs: ['mydumper'], env, script: `${myDumper} -o "$TO"` },
      {
        name: `mydumper -t2 ${pieces}`,
        programs: ['mydumper'],
        env,
        script: `${myDumper} ${pieces} -o "$TO"`,
      },
    ],
    loads: [
      {
        name: 'mariadb from zstd -dc',
        programs: ['mariadb-dump', 'zstd', 'mariadb'],
        env,
        prepare: `${dump} | zstd -3 -T0 -q > "$TO"`,
        script: `zstd -dc -q < "$DUMP" | mariadb ${client} "$DB_NAME"`,
      },
      {
        name: `myloader -t2, of mydumper ${pieces}`,
        programs: ['mydumper', 'myloader'],
        env,
        prepare: `${myDumper} ${pieces} -o "$TO"`,
        script: `myloader ${server} -B "$DB_NAME" -t 2 -d "$DUMP"`,
      },
    ],
    targetVariables: variablesOf,
  };
}

/** What the scripts read of a connection; the password by the variable that all of these tools know. */
function variablesOf(databaseUrl: string): Record<string, string> {
  const url = new URL(databaseUrl);
  return {
    DB_HOST: url.hostname,
    DB_PORT: url.port,
    DB_USER: decodeURIComponent(url.username),
    MYSQL_PWD: decodeURIComponent(url.password),
    DB_NAME: decodeURIComponent(url.pathname.slice(1)),
  };
}
