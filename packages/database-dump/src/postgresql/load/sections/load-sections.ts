import type { DumpPart } from '@lcb/core';
import type { FailureScope } from '../../../stream/failure-scope.ts';
import { runBounded } from '../../../stream/run-bounded.ts';
import type { ReadParts } from '../dump-source.ts';
import { type Psql, runPsql } from '../run-psql.ts';
import { loadPostData } from './load-post-data.ts';
import { loadRows } from './load-rows.ts';

export interface SectionsLoad {
  readonly psql: Psql;
  readonly parts: readonly DumpPart[];
  readonly read: ReadParts;
  readonly workers: number;
  readonly scope: FailureScope;
}

/** Can parts of it be loaded side by side? */
export function hasSections(parts: readonly DumpPart[]): boolean {
  return parts.length > 1 && parts.every(({ section }) => section !== undefined);
}

/**
 * Loads a dump of many parts by several sessions: definitions first, then all rows, side by side, then what is defined on them. No
 * part of the rows depends on another: keys, indexes and triggers are not there yet.
 */
export async function loadSections({ psql, parts, read, workers, scope }: SectionsLoad): Promise<void> {
  const of = (section: DumpPart['section']) => parts.filter((part) => part.section === section);
  const { signal } = scope;
  await runPsql({ ...psql, source: read(of('preData')), signal });
  // The largest first: the last one to end keeps only one session busy.
  const rows = of('data').sort((a, b) => b.uncompressedBytes - a.uncompressedBytes);
  await runBounded(
    scope,
    workers,
    rows.map((part) => () => loadRows({ psql, source: read([part]), name: part.path, signal })),
  );
  await loadPostData({ psql, source: () => read(of('postData')), workers, scope });
}
