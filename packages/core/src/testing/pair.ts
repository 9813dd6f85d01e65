import { comparePair, type Pair } from '../consistency/compare-pair.ts';
import type { ExpectedObject, NamingRow } from '../consistency/expected-objects.ts';
import { type ConsistencyCounts, type Finding, noCounts } from '../consistency/finding.ts';
import { compareKeys } from '../library/compare-keys.ts';
import { toArray, watched } from './streams.ts';

/** The rows of a database by the keys that they name. */
function expected(rows: readonly NamingRow[]): readonly ExpectedObject[] {
  const keys = [...new Set(rows.map(({ key }) => key))].sort(compareKeys);
  return keys.map((key) => ({ key, rows: rows.filter((row) => row.key === key) }));
}

export function namingRow(key: string, row: Partial<NamingRow> = {}): NamingRow {
  return {
    key,
    table: 'DLFileVersion',
    id: '1',
    ctCollectionId: '0',
    companyId: key.split('/')[0] ?? null,
    title: null,
    size: 1,
    times: ['2025-01-01T00:00:00.000Z'],
    ...row,
  };
}

/** Objects by key, with their sizes. */
export type Objects = Readonly<Record<string, number>>;

export interface SmallPair {
  readonly madeBy?: Pair['madeBy'];
  readonly rows?: readonly NamingRow[];
  readonly found?: Objects;
  /** Etags are `e{size}`, but where this says otherwise. */
  readonly foundEtags?: Readonly<Record<string, string>>;
  readonly before?: Objects | undefined;
  readonly listed?: Objects;
  readonly listedEtags?: Readonly<Record<string, string>>;
  readonly base?: Objects;
  readonly companies?: readonly string[] | undefined;
  readonly imagesKnown?: boolean;
  readonly uncertain?: Pair['uncertain'];
  readonly isExcused?: (key: string) => boolean;
  /** What is in the library whatever the listings say. */
  readonly unlisted?: readonly string[];
}

/** Compares a pair that fits into memory. */
export async function comparing(
  pair: SmallPair,
): Promise<{ readonly findings: readonly Finding[]; readonly counts: ConsistencyCounts }> {
  const counts = noCounts();
  const { found = {}, before, listed, base, companies, uncertain } = pair;
  const findings = await toArray(
    comparePair(
      {
        madeBy: pair.madeBy ?? 'backup',
        expected: watched(expected(pair.rows ?? [])),
        found: watched(sorted(found, pair.foundEtags)),
        before: before && watched(sorted(before)),
        ...(listed === undefined ? {} : { listed: watched(sorted(listed, pair.listedEtags)) }),
        ...(base === undefined
          ? {}
          : {
              base: {
                backupId: 'retail-prd-backup-20251108-143000',
                index: watched(sorted(base)),
              },
            }),
        companies: companies && new Set(companies),
        imagesKnown: pair.imagesKnown ?? true,
        ...(uncertain === undefined ? {} : { uncertain }),
        isInLibrary: async (key) => pair.unlisted?.includes(key) ?? false,
        isExcused: pair.isExcused ?? (() => false),
      },
      counts,
    ),
  );
  return { findings, counts };
}

function sorted(objects: Objects, etags: Readonly<Record<string, string>> = {}) {
  return Object.entries(objects)
    .map(([key, size]) => ({ key, size, etag: etags[key] ?? `e${size}` }))
    .sort((a, b) => compareKeys(a.key, b.key));
}
