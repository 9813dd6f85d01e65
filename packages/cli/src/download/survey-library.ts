import { type ItemsRequest, placed } from './backup-items.ts';

export interface Survey {
  readonly objects: number;
  readonly bytes: number;
  /** Objects whose keys can't be paths; the first of them are named. */
  readonly escapedObjects: number;
  readonly escapedKeys: readonly string[];
}

const namedKeys = 5;

/** Reads the index once, its hashes checked: what there is to fetch is known before anything is. */
export async function surveyLibrary(request: Pick<ItemsRequest, 'backup' | 'refuses'>): Promise<Survey> {
  const counts = { objects: 0, bytes: 0, escapedObjects: 0 };
  const escapedKeys: string[] = [];
  if (request.backup.manifest.units.documentLibrary === undefined) return { ...counts, escapedKeys };
  for await (const { row, escaped } of placed(request)) {
    counts.objects += 1;
    counts.bytes += row.size;
    if (!escaped) continue;
    counts.escapedObjects += 1;
    if (escapedKeys.length < namedKeys) escapedKeys.push(row.key);
  }
  return { ...counts, escapedKeys };
}
