import { dirname, join } from 'node:path';
import { AS_ROOT, LOG_FILE_SIZE } from './data-folder.ts';

export interface ServerPlace {
  readonly dataDir: string;
  readonly socket: string;
  readonly port: number;
}

/**
 * The server's command line. Nothing is forced to disk, but all of it is handed to the operating system at every commit:
 * killing the server loses nothing, only a crash of the machine would.
 */
export function serverOptions(
  place: ServerPlace,
  settings: Readonly<Record<string, string>>,
  initFile: string | undefined,
): string[] {
  const all = {
    character_set_server: 'utf8mb4',
    collation_server: 'utf8mb4_unicode_ci',
    innodb_buffer_pool_size: '48M',
    innodb_doublewrite: '0',
    innodb_flush_log_at_trx_commit: '2',
    innodb_flush_method: 'nosync',
    key_buffer_size: '1M',
    aria_pagecache_buffer_size: '8M',
    max_allowed_packet: '64M',
    ...settings,
  };
  return [
    '--no-defaults',
    ...AS_ROOT,
    `--datadir=${place.dataDir}`,
    `--socket=${place.socket}`,
    // A server that starts removes what others work with, if they share it.
    `--tmpdir=${dirname(place.socket)}`,
    `--port=${place.port}`,
    `--pid-file=${join(place.dataDir, 'server.pid')}`,
    '--bind-address=127.0.0.1',
    '--skip-name-resolve',
    LOG_FILE_SIZE,
    ...Object.entries(all).map(([name, value]) => `--${name}=${value}`),
    ...(initFile === undefined ? [] : [`--init-file=${initFile}`]),
  ];
}
