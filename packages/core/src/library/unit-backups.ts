import type { EnvironmentRef } from '../model/ids.ts';
import type { UnitBackup } from '../ports/backup-provider.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { environmentPrefix } from '../repository/layout.ts';

/**
 * What a backup location holds of one unit, backup by backup, sealed or not, from one sorted listing: no catalog is
 * asked. Flat memory.
 */
export async function* listUnitBackups(
  store: ObjectStore,
  ref: EnvironmentRef,
  unit: 'database' | 'documentLibrary',
): AsyncGenerator<UnitBackup> {
  const prefix = `${environmentPrefix(ref)}backups/`;
  let found: { backupId: string; attempts: Set<number>; objects: number; bytes: number } | undefined;
  for await (const { key, size } of store.list({ prefix })) {
    const [backupId = '', ...rest] = key.slice(prefix.length).split('/');
    const attempt = attemptHolding(unit, rest);
    if (attempt === undefined) continue;
    if (found?.backupId !== backupId) {
      if (found !== undefined) yield { ...found, attempts: [...found.attempts] };
      found = { backupId, attempts: new Set(), objects: 0, bytes: 0 };
    }
    if (attempt !== 'all') found.attempts.add(attempt);
    found.objects += 1;
    found.bytes += size;
  }
  if (found !== undefined) yield { ...found, attempts: [...found.attempts] };
}

/** Copies of library objects lie beside the attempts and serve all of them. */
function attemptHolding(
  unit: 'database' | 'documentLibrary',
  path: readonly string[],
): number | 'all' | undefined {
  const [first, attempt, folder] = path;
  if (first === 'objects' || first === 'objects-long') return unit === 'documentLibrary' ? 'all' : undefined;
  if (first !== 'attempts' || folder !== (unit === 'database' ? 'database' : 'library')) return undefined;
  return Number(attempt);
}
