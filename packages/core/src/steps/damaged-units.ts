import { readIndex } from '../library/base.ts';
import type { Unit } from '../model/unit.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { artefactsOf } from '../repository/artefacts.ts';
import type { Manifest } from '../repository/manifest.ts';
import { isDamage } from './refusal.ts';

/** Units of which a list can't be read any more: nobody can restore them. The others of the same backup are good. */
export async function damagedUnits(store: ObjectStore, manifest: Manifest): Promise<ReadonlySet<Unit>> {
  const { database, documentLibrary } = manifest.units;
  const consistency = { strategy: manifest.consistency.strategy };
  const damaged = new Set<Unit>();
  const look = async (unit: Unit, read: () => Promise<void>) => {
    try {
      await read();
    } catch (error) {
      if (!isDamage(error)) throw error;
      damaged.add(unit);
    }
  };
  await look('database', async () => {
    await artefactsOf(store, { ...manifest, consistency, units: { database } });
  });
  await look('documentLibrary', async () => {
    if (documentLibrary === undefined) return;
    for await (const _row of readIndex(store, manifest, manifest));
  });
  return damaged;
}
