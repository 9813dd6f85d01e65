import type { DatabaseSource } from './database-source.ts';
import type { RdsSettings } from './settings.ts';
import type { Marks } from './tags.ts';

/** A new instance or cluster, and how it is set up. Its kind is the settings' one. */
export interface RestoreTarget {
  readonly id: string;
  readonly settings: RdsSettings;
  /** Whose work it is: the restore's id, and the environment that it restores. */
  readonly marks: Marks;
}

export function placeOf({ id, settings }: RestoreTarget): DatabaseSource {
  return { kind: settings.kind, id };
}
