import { isGeneratedFile } from '../library/generated-files.ts';

/** Companies whose schemas were not dumped, where each has one of its own (`database.partition.enabled`). */
export function companiesOf(schemas: readonly string[]): ReadonlySet<string> {
  return new Set(schemas.flatMap((schema) => /^lpartition_(\d+)$/i.exec(schema)?.[1] ?? []));
}

/** Keys of a backup that nobody asked for: what was left out of it on demand. */
export function isExcusedIn(of: {
  readonly leftOut: ReadonlySet<string>;
  readonly withoutGenerated: boolean;
}): (key: string) => boolean {
  return (key) => (of.withoutGenerated && isGeneratedFile(key)) || of.leftOut.has(key.split('/', 1)[0] ?? '');
}
