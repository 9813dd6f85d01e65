import { type EnvironmentRef, environmentRefSchema } from '../model/ids.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { environmentPrefix, recordsPrefix, restoresPrefix } from '../repository/layout.ts';
import { Notes } from './notes.ts';

/** Keys that are looked at before the rest of a folder is jumped over, or before it shows that there is nothing to jump over. */
const few = 100;

/** Which of a location's environments and backups are meant; all of them where nothing is said. */
export interface LocationChoice {
  readonly projectId?: string | undefined;
  readonly environment?: string | undefined;
  readonly backupId?: string | undefined;
}

export interface FoundEnvironment {
  readonly ref: EnvironmentRef;
  /** Folders below `backups/`, sealed or not, in the order of their keys. */
  readonly backupIds: readonly string[];
}

export interface FoundEnvironments {
  readonly environments: readonly FoundEnvironment[];
  /** Files that belong to no environment: keys in the location. */
  readonly strangers: Notes;
}

/**
 * What a location holds, by its keys alone. Jumps over what is inside a backup's folder: one request per backup where a
 * store can begin a listing at a key, however many objects there are.
 */
export async function findEnvironments(
  store: ObjectStore,
  { projectId, environment }: LocationChoice = {},
): Promise<FoundEnvironments> {
  const found = new Map<string, { readonly ref: EnvironmentRef; readonly backupIds: string[] }>();
  const strangers = new Notes();
  let startAfter: string | undefined;
  const prefix =
    projectId === undefined
      ? ''
      : environment === undefined
        ? `${projectId}/`
        : `${projectId}/${environment}/`;
  for (let more = true; more; ) {
    more = false;
    for await (const { key } of store.list({
      prefix,
      atMost: few,
      ...(startAfter === undefined ? {} : { startAfter }),
    })) {
      const place = placeOf(key);
      if (place === undefined) {
        strangers.add(key);
        continue;
      }
      const name = environmentPrefix(place.ref);
      const isMeant = environment === undefined || place.ref.environment === environment;
      startAfter = behind(isMeant ? place.folder : name);
      if (isMeant) {
        const known = found.get(name) ?? { ref: place.ref, backupIds: [] };
        found.set(name, known);
        if (place.backupId !== undefined) known.backupIds.push(place.backupId);
      }
      more = true;
      break;
    }
  }
  return { environments: [...found.values()], strangers };
}

interface Place {
  readonly ref: EnvironmentRef;
  readonly backupId?: string;
  /** Everything below it is of one kind, and looked at later. */
  readonly folder: string;
}

function placeOf(key: string): Place | undefined {
  const [projectId, environment, kind, name, ...rest] = key.split('/');
  const ref = environmentRefSchema.safeParse({ projectId, environment });
  if (!ref.success || name === undefined) return undefined;
  if (kind === 'records') return { ref: ref.data, folder: recordsPrefix(ref.data) };
  // Certificates of restored pairs: no backup needs them.
  if (kind === 'restores') return { ref: ref.data, folder: restoresPrefix(ref.data) };
  if (kind !== 'backups' || rest.length === 0 || name === '') return undefined;
  return { ref: ref.data, backupId: name, folder: `${environmentPrefix(ref.data)}backups/${name}/` };
}

/** Greater than every key in the folder, and less than what comes after it: `0` is the character after `/`. */
function behind(folder: string): string {
  return `${folder.slice(0, -1)}0`;
}
