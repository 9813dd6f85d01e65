import { isGeneratedFile } from '../library/generated-files.ts';
import { keyShape } from '../library/layout.ts';
import { joinSorted, type Keyed } from '../library/merge-sorted.ts';
import type { Interval } from '../model/values.ts';
import { type Evidence, isIntroduced } from './blame.ts';
import type { ExpectedObject, NamingRow } from './expected-objects.ts';
import type { ConsistencyCounts, Finding, FindingKind } from './finding.ts';

/** An object as a listing or an index has it. */
export interface SizedObject extends Keyed {
  readonly size: number;
}

/** What is compared, and what is known of it from before. All streams are strictly sorted by key. */
export interface Pair {
  /** Which run made the pair: a difference that it brought in is blamed on it. */
  readonly madeBy: 'backup' | 'restore';
  readonly expected: AsyncIterable<ExpectedObject>;
  readonly found: AsyncIterable<SizedObject & { readonly etag?: string }>;
  /** Ids of the companies in the database; undefined where they are not known, and then no company is unknown. */
  readonly companies: ReadonlySet<string> | undefined;
  /** Are the rows of Image among the expected ones? Only then is a picture without a row unreferenced. */
  readonly imagesKnown: boolean;
  /** The library before the run: the listing taken before the database's moment; the backup that is restored. */
  readonly before: AsyncIterable<SizedObject> | undefined;
  /** The listing that the copy went by: what it has and `found` has not vanished meanwhile. */
  readonly listed?: AsyncIterable<SizedObject & { readonly etag: string }>;
  /** The backup before this one, with its index: since when something is gone. */
  readonly base?: { readonly backupId: string; readonly index: AsyncIterable<SizedObject> };
  /** From the beginning of `before` to the database's moment: what a row says of that time `before` need not know. */
  readonly uncertain?: Interval;
  /** Asks the library for one object by its key, past every listing. */
  readonly isInLibrary?: (key: string) => Promise<boolean>;
  /** Keys that nobody asked for: neither missed where they are not, nor judged where they are. */
  readonly isExcused: (key: string) => boolean;
}

interface Seen {
  readonly key: string;
  readonly expected: ExpectedObject | undefined;
  readonly found: (SizedObject & { readonly etag?: string }) | undefined;
  readonly evidence: Evidence;
  readonly inBase: SizedObject | undefined;
}

/** Each takes a request; a source that lacks more than these is not doubted any more. */
const askedAtMost = 1000;

/** Compares what a database expects with what a library has, as streams: every object that does not fit, in key order. */
export async function* comparePair(pair: Pair, counts: ConsistencyCounts): AsyncGenerator<Finding> {
  let asked = 0;
  for await (const seen of seenKeys(pair)) {
    if (seen.found !== undefined) {
      counts.found += 1;
      counts.foundBytes += seen.found.size;
    }
    let finding = look(pair, seen, counts);
    if (finding === undefined) continue;
    // No listing had it, and it is there all the same: the listings lie, and what they leave out was not copied.
    if (finding.kind === 'missing' && finding.blame === 'source' && pair.isInLibrary && asked < askedAtMost) {
      asked += 1;
      if (await pair.isInLibrary(finding.key)) finding = { ...finding, blame: pair.madeBy };
    }
    counts[finding.kind] += 1;
    if (finding.blame === pair.madeBy) counts.introduced += 1;
    yield finding;
  }
}

async function* seenKeys(pair: Pair): AsyncGenerator<Seen> {
  const now = joinSorted(pair.expected, pair.found);
  const earlier = joinSorted(
    joinSorted(pair.before ?? none(), pair.listed ?? none()),
    pair.base?.index ?? none(),
  );
  for await (const { key, left, right } of joinSorted(now, earlier)) {
    yield {
      key,
      expected: left?.left,
      found: left?.right,
      evidence: { before: right?.left?.left, listed: right?.left?.right },
      inBase: right?.right,
    };
  }
}

function look(pair: Pair, seen: Seen, counts: ConsistencyCounts): Finding | undefined {
  const { expected, found } = seen;
  if (expected === undefined) return found === undefined ? undefined : lookAtExtra(pair, seen, counts);
  const rows = expected.rows.filter(({ ctCollectionId }) => ctCollectionId === '0');
  // What waits in a publication may lie in the database alone (CTSContent): there or not, it is right.
  if (rows.length === 0) {
    counts.publicationObjects += 1;
    return undefined;
  }
  counts.expected += 1;
  if (found === undefined && pair.isExcused(seen.key)) {
    counts.excused += 1;
    return undefined;
  }
  const sizes = sizesOf(rows);
  const fits = (size: number) => sizes.length === 0 || sizes.includes(size);
  if (found !== undefined && fits(found.size)) {
    counts.matching += 1;
    return undefined;
  }
  const introduced = isIntroduced({
    ...seen.evidence,
    isKnownBefore: pair.before !== undefined,
    found,
    rows,
    uncertain: pair.uncertain,
  });
  return describe(pair, seen, found === undefined ? 'missing' : 'wrongSize', introduced, rows);
}

/** An object that no row names. */
function lookAtExtra(pair: Pair, seen: Seen, counts: ConsistencyCounts): Finding | undefined {
  if (pair.isExcused(seen.key)) {
    counts.excused += 1;
    return undefined;
  }
  const kind = kindOfExtra(pair, seen.key);
  if (kind === 'generated' || kind === 'system') {
    counts[kind] += 1;
    return undefined;
  }
  const wasThere = pair.before === undefined || seen.evidence.before !== undefined;
  if (pair.madeBy === 'restore') return describe(pair, seen, kind, !wasThere, []);
  // The database's moment comes first, so what is uploaded after it is in the library alone. That does no harm.
  if (!wasThere) {
    counts.arrived += 1;
    return undefined;
  }
  return describe(pair, seen, kind, false, []);
}

const picture = /^\d+\/0\/\d+\.[^/]+\/1\.0$/;
/** Liferay's own company: what belongs to the installation as a whole. */
const systemCompany = '0';

function kindOfExtra(pair: Pair, key: string): FindingKind | 'generated' | 'system' {
  if (keyShape(key) !== 'bucket') return 'otherLayout';
  const [company = '', repository] = key.split('/', 2);
  const isKnown = pair.companies === undefined || company === systemCompany || pair.companies.has(company);
  if (!isKnown) return 'unknownCompany';
  if (isGeneratedFile(key)) return 'generated';
  if (repository !== '0') return 'unreferenced';
  return picture.test(key) && pair.imagesKnown ? 'unreferenced' : 'system';
}

function describe(
  pair: Pair,
  { key, found, inBase }: Seen,
  kind: FindingKind,
  introduced: boolean,
  rows: readonly NamingRow[],
): Finding {
  const [first] = rows;
  const sizes = sizesOf(rows);
  // Where the base has what the rows name, it was there then, and is still to be had.
  const isLost = inBase !== undefined && (sizes.length === 0 ? rows.length > 0 : sizes.includes(inBase.size));
  return {
    kind,
    blame: introduced ? pair.madeBy : 'source',
    key,
    ...(sizes.length === 0 ? {} : { expectedSizes: sizes }),
    ...(found === undefined ? {} : { foundSize: found.size }),
    ...(first === undefined
      ? {}
      : { row: { table: first.table, id: first.id, companyId: first.companyId, title: first.title } }),
    ...(isLost && pair.base !== undefined ? { lastBackup: pair.base.backupId } : {}),
  };
}

function sizesOf(rows: readonly NamingRow[]): number[] {
  return [...new Set(rows.flatMap(({ size }) => (size === null ? [] : [size])))].sort((a, b) => a - b);
}

async function* none(): AsyncGenerator<never> {}
