import { type Keyed, strictlySorted } from '../library/merge-sorted.ts';
import { SortedCursor } from '../library/sorted-cursor.ts';
import type { ObjectInfo, ObjectVersion } from '../ports/object-store.ts';
import type { ExpectedObject } from './expected-objects.ts';

/** How the chosen library differs from what a listing of the source shows now. */
export interface ExactTally {
  /** In the library and gone by now: deleted since, or deleted by what had not been committed at the moment. */
  deleted: number;
  /** In the library as they were before they were replaced. */
  replaced: number;
  /** Not in the library: they came since. */
  later: number;
  /** In the library again as a row names them: they had been deleted or replaced long before the moment. */
  healed: number;
  /** Listed before the moment, and without any version or marker now. */
  lost: number;
}

export function noTally(): ExactTally {
  return { deleted: 0, replaced: 0, later: 0, healed: 0, lost: 0 };
}

export interface ExactLibrary {
  /** Of the library: every version and every marker, sorted by key, newest first. */
  readonly versions: AsyncIterable<ObjectVersion>;
  /** What the database names at the moment, sorted by key. */
  readonly expected: AsyncIterable<ExpectedObject>;
  /** What a listing showed before the moment, sorted by key. */
  readonly before: AsyncIterable<Keyed>;
  /** The end of the interval that the moment lies in, by the clock of the store that holds the library. */
  readonly until: string;
  /** What had happened by then was committed at the moment: no transaction is open for so long. */
  readonly settled: string;
  /** Objects that are left out of the backup afterwards, and do not count. */
  readonly isLeftOut: (key: string) => boolean;
  /** For messages. */
  readonly location: string;
  readonly tally: ExactTally;
}

/**
 * The library as it was at the moment of the database, from the versions that its bucket keeps: of each key the version that was current
 * then. Where rows name the key they decide, since neither clock is exact, since Liferay removes a file before the transaction
 * that removes its row is committed, and since a version's time may be that of the beginning of its upload: the newest version of a size that they
 * name, even if a delete marker follows it; if there was none yet, the first such that came after. And what was listed before the moment was
 * there, whatever its versions' times say now. Flat memory for any number of versions.
 */
export async function* exactLibrary(library: ExactLibrary): AsyncGenerator<ObjectInfo> {
  yield* strictlySorted(`the listing of versions of ${library.location}`, chosen(library));
}

async function* chosen(library: ExactLibrary): AsyncGenerator<ObjectInfo> {
  const { versions, isLeftOut, tally } = library;
  const times = { end: Date.parse(library.until), settled: Date.parse(library.settled) };
  const expected = new SortedCursor(library.expected);
  const before = new SortedCursor(library.before, ({ key }) => {
    if (!isLeftOut(key)) tally.lost += 1;
  });
  const close = (history: KeyHistory | undefined) =>
    history?.close(isLeftOut(history.key) ? noTally() : tally) ?? [];
  try {
    let history: KeyHistory | undefined;
    for await (const version of versions) {
      const { key } = version;
      if (history?.key !== key) {
        yield* close(history);
        const wasListed = (await before.at(key)) !== undefined;
        history = new KeyHistory(key, { ...times, wasListed, named: await expected.at(key) });
      }
      history.add(version);
    }
    yield* close(history);
    await before.toEnd();
  } finally {
    await Promise.all([expected.close(), before.close()]);
  }
}

interface KeyFacts {
  readonly named: ExpectedObject | undefined;
  readonly wasListed: boolean;
  readonly end: number;
  readonly settled: number;
}

/** The versions of one key, of which one is chosen. */
class KeyHistory {
  readonly key: string;
  readonly #facts: KeyFacts;
  /** That rows name; any will do where they name none. */
  readonly #sizes: ReadonlySet<number>;
  #latest: ObjectVersion | undefined;
  /** Current at the moment; may be a marker. */
  #current: ObjectVersion | undefined;
  #fitting: ObjectVersion | undefined;
  #fittingLater: ObjectVersion | undefined;
  #firstLater: ObjectVersion | undefined;

  constructor(key: string, facts: KeyFacts) {
    this.key = key;
    this.#facts = facts;
    this.#sizes = facts.named === undefined ? new Set() : sizesOf(facts.named);
  }

  /** By their times; of versions of one time the one that comes first is the newer. */
  add(version: ObjectVersion): void {
    if (version.isLatest) this.#latest = version;
    const isLater = timeOf(version) > this.#facts.end;
    if (!isLater) this.#current = newer(this.#current, version);
    else if (!version.isDeleteMarker) this.#firstLater = older(this.#firstLater, version);
    if (!this.#fits(version)) return;
    if (isLater) this.#fittingLater = older(this.#fittingLater, version);
    else this.#fitting = newer(this.#fitting, version);
  }

  *close(tally: ExactTally): Generator<ObjectInfo> {
    const version = this.#chosen();
    if (version === undefined) {
      if (this.#latest?.isDeleteMarker === false) tally.later += 1;
      return;
    }
    if (this.#isHealed(version)) tally.healed += 1;
    else if (this.#latest?.isDeleteMarker === true) tally.deleted += 1;
    else if (version !== this.#latest) tally.replaced += 1;
    const { key, size, etag, lastModified } = version;
    yield { key, size, etag, lastModified, version: version.version };
  }

  #chosen(): ObjectVersion | undefined {
    const byRows = this.#fitting ?? this.#fittingLater;
    if (byRows !== undefined) return byRows;
    // It was there, and has no version of so early a time: some servers give one the time at which it was replaced.
    if (this.#current === undefined) return this.#facts.wasListed ? this.#firstLater : undefined;
    return this.#current.isDeleteMarker ? undefined : this.#current;
  }

  /** What followed it had been there for longer than a transaction lasts: the row was wrong at the source. */
  #isHealed(version: ObjectVersion): boolean {
    const current = this.#current;
    return version !== current && current !== undefined && timeOf(current) <= this.#facts.settled;
  }

  /** Nothing is read from an archive because a row was wrong. */
  #fits({ isDeleteMarker, size, isArchived, isLatest }: ObjectVersion): boolean {
    if (this.#facts.named === undefined || isDeleteMarker || (isArchived === true && !isLatest)) return false;
    return this.#sizes.size === 0 || this.#sizes.has(size);
  }
}

function timeOf({ lastModified }: ObjectVersion): number {
  return Date.parse(lastModified);
}

function newer(one: ObjectVersion | undefined, other: ObjectVersion): ObjectVersion {
  return one === undefined || timeOf(other) > timeOf(one) ? other : one;
}

function older(one: ObjectVersion | undefined, other: ObjectVersion): ObjectVersion {
  return one === undefined || timeOf(other) <= timeOf(one) ? other : one;
}

/** Rows in production say what an object has to be; those of publications only where there are no others. */
function sizesOf({ rows }: ExpectedObject): ReadonlySet<number> {
  const production = rows.filter(({ ctCollectionId }) => ctCollectionId === '0');
  const sizes = (production.length > 0 ? production : rows).map(({ size }) => size);
  return new Set(sizes.filter((size) => size !== null));
}
