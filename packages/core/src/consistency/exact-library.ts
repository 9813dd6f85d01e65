import { compareKeys } from '../library/compare-keys.ts';
import { strictlySorted } from '../library/merge-sorted.ts';
import type { ObjectInfo, ObjectVersion } from '../ports/object-store.ts';
import type { ExpectedObject } from './expected-objects.ts';

/** Objects of the chosen library that are not those that a listing shows now, and the ones that it shows and the library has not. */
export interface ExactTally {
  /** In the library and gone by now: deleted since, or deleted by what had not been committed at the moment. */
  deleted: number;
  /** In the library as they were before they were replaced. */
  replaced: number;
  /** Not in the library: they came since. */
  later: number;
}

export interface ExactLibrary {
  /** Of the library: every version and every marker, sorted by key, newest first. */
  readonly versions: AsyncIterable<ObjectVersion>;
  /** What the database names at the moment, sorted by key. */
  readonly expected: AsyncIterable<ExpectedObject>;
  /** The end of the interval that the moment lies in, by the clock of the store that holds the library. */
  readonly until: string;
  /** For messages. */
  readonly location: string;
  readonly tally: ExactTally;
}

/**
 * The library as it was at the moment of the database, from the versions that its bucket keeps: of each key the version that was current
 * then. Where rows name the key they decide, since neither clock is exact, since Liferay removes a file before the transaction
 * that removes its row is committed, and since a version's time may be that of the beginning of its upload: the newest version of a size that they
 * name, even if a delete marker follows it; if there was none yet, the first such that came after. Flat memory for any number of versions.
 */
export async function* exactLibrary(library: ExactLibrary): AsyncGenerator<ObjectInfo> {
  yield* strictlySorted(`the listing of versions of ${library.location}`, chosen(library));
}

async function* chosen({ versions, expected, until, tally }: ExactLibrary): AsyncGenerator<ObjectInfo> {
  const end = Date.parse(until);
  const rows = expected[Symbol.asyncIterator]();
  try {
    let named = await rows.next();
    let history: KeyHistory | undefined;
    for await (const version of versions) {
      if (history?.key !== version.key) {
        yield* history?.close(tally) ?? [];
        while (!named.done && compareKeys(named.value.key, version.key) < 0) named = await rows.next();
        const isNamed = !named.done && named.value.key === version.key;
        history = new KeyHistory(version.key, isNamed ? named.value : undefined, end);
      }
      history.add(version);
    }
    yield* history?.close(tally) ?? [];
  } finally {
    await rows.return?.();
  }
}

/** The versions of one key, of which one is chosen. */
class KeyHistory {
  readonly key: string;
  readonly #isNamed: boolean;
  /** That rows name; any will do where they name none. */
  readonly #sizes: ReadonlySet<number>;
  readonly #end: number;
  #latest: ObjectVersion | undefined;
  /** Current at the moment; may be a marker. */
  #current: ObjectVersion | undefined;
  #fitting: ObjectVersion | undefined;
  #fittingLater: ObjectVersion | undefined;

  constructor(key: string, named: ExpectedObject | undefined, end: number) {
    this.key = key;
    this.#isNamed = named !== undefined;
    this.#sizes = named === undefined ? new Set() : sizesOf(named);
    this.#end = end;
  }

  /** By their times; of versions of one time the one that comes first is the newer. */
  add(version: ObjectVersion): void {
    if (version.isLatest) this.#latest = version;
    const isLater = timeOf(version) > this.#end;
    if (!isLater) this.#current = newer(this.#current, version);
    if (!this.#fits(version)) return;
    if (!isLater) this.#fitting = newer(this.#fitting, version);
    else if (this.#fittingLater === undefined || timeOf(version) <= timeOf(this.#fittingLater))
      this.#fittingLater = version;
  }

  *close(tally: ExactTally): Generator<ObjectInfo> {
    const version = this.#fitting ?? this.#fittingLater ?? this.#current;
    if (version === undefined || version.isDeleteMarker) {
      if (this.#latest?.isDeleteMarker === false) tally.later += 1;
      return;
    }
    if (this.#latest?.isDeleteMarker === true) tally.deleted += 1;
    else if (version !== this.#latest) tally.replaced += 1;
    const { key, size, etag, lastModified } = version;
    yield { key, size, etag, lastModified, version: version.version };
  }

  #fits({ isDeleteMarker, size }: ObjectVersion): boolean {
    return this.#isNamed && !isDeleteMarker && (this.#sizes.size === 0 || this.#sizes.has(size));
  }
}

function timeOf({ lastModified }: ObjectVersion): number {
  return Date.parse(lastModified);
}

function newer(one: ObjectVersion | undefined, other: ObjectVersion): ObjectVersion {
  return one === undefined || timeOf(other) > timeOf(one) ? other : one;
}

/** Rows in production say what an object has to be; those of publications only where there are no others. */
function sizesOf({ rows }: ExpectedObject): ReadonlySet<number> {
  const production = rows.filter(({ ctCollectionId }) => ctCollectionId === '0');
  const sizes = (production.length > 0 ? production : rows).map(({ size }) => size);
  return new Set(sizes.filter((size) => size !== null));
}
