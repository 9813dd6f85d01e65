import { zstdDecompressSync } from 'node:zlib';
import type { DatabaseDump, DumpRequest, LoadRequest, OpenConnection } from '@lcb/core';
import type { MemoryStore } from './memory-store.ts';

interface Server {
  readonly connection: (database: string) => OpenConnection;
}

const backupPrefix = 'retail/prd/backups/retail-prd-backup-20251109-143000/';

export function dumpRequest(
  server: Server,
  database: string,
  store: MemoryStore,
  changes: Partial<DumpRequest> = {},
): DumpRequest {
  return {
    connection: server.connection(database),
    store,
    backupPrefix,
    folder: 'attempts/1/database/',
    compression: 'zstd',
    signal: new AbortController().signal,
    onProgress: () => {},
    ...changes,
  };
}

export function loadRequest(
  server: Server,
  database: string,
  store: MemoryStore,
  dump: DatabaseDump,
  changes: Partial<LoadRequest> = {},
): LoadRequest {
  return {
    connection: server.connection(database),
    store,
    backupPrefix,
    dump,
    runId: 'retail-prd-restore-20251109-150000',
    signal: new AbortController().signal,
    onProgress: () => {},
    ...changes,
  };
}

export function keyOf(path: string): string {
  return backupPrefix + path;
}

/** The lines of a compressed artefact, parsed. */
export function storedLines(store: MemoryStore, path: string): unknown[] {
  const text = zstdDecompressSync(store.bytes(keyOf(path))).toString('utf8');
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
}
