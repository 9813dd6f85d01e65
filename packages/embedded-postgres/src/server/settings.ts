/**
 * `safe`: PostgreSQL's own guarantees. `throwaway`: several times faster, and a crash of the machine may lose everything:
 * for tests and demonstrations. A crash of the server alone loses nothing either way.
 */
export type Durability = 'safe' | 'throwaway';

// Not synchronous_commit: without it a crash of the server alone loses the last commits, and it saves nothing once fsync is off.
const THROWAWAY = { fsync: 'off', full_page_writes: 'off' };

/** The server's settings as one option text for `pg_ctl -o`, which hands it to a shell. */
export function serverOptions(
  port: number,
  durability: Durability,
  settings: Readonly<Record<string, string>>,
): string {
  const all = {
    ...(durability === 'throwaway' ? THROWAWAY : {}),
    ...settings,
    listen_addresses: '127.0.0.1',
    // No socket file: passwords are asked for on every way in, and a long folder name would not fit.
    unix_socket_directories: '',
    port: String(port),
  };
  return Object.entries(all)
    .map(([name, value]) => `-c ${shellQuote(`${name}=${value}`)}`)
    .join(' ');
}

function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
