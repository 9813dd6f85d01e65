import {
  type Certificate,
  type ConsistencyCounts,
  type Finding,
  type FindingKind,
  findingKinds,
} from '@lcb/core';
import { formatBytes, formatCount, formatTime, plural } from '../output/format.ts';
import { coloured } from '../output/style.ts';
import { details, indented } from '../output/table.ts';
import { findingTable } from './finding-table.ts';

/** One line: do database and library fit together? */
export function verdictText({ verdict, reason, counts, madeBy }: Certificate): string {
  switch (verdict) {
    case 'consistent':
      return coloured('green', 'database and library fit together');
    case 'consistentWithSourceDrift':
      return coloured(
        'yellow',
        `database and library fit together, but for ${plural(differences(counts), 'file')} that did not fit at the source before (a warning)`,
      );
    case 'inconsistent':
      return coloured(
        'red',
        `database and library do NOT fit together: ${plural(counts.introduced, 'file')} changed while the ${madeBy} ran`,
      );
    case 'notApplicable':
      return `not compared: ${reason?.message}`;
  }
}

function differences(counts: ConsistencyCounts): number {
  return findingKinds.reduce((sum, kind) => sum + counts[kind], 0);
}

/**
 * A certificate as a person reads it: the verdict, what was compared, from which moment, and what does not fit, whose
 * fault that is and since when. Of each kind as many as `examples`.
 */
export function certificateView(certificate: Certificate, id: string, examples: number): string {
  const { counts, first, findings } = certificate;
  const facts = details([
    ['Consistency', verdictText(certificate)],
    ['Compared', comparedText(certificate)],
    ['Moment', momentText(certificate)],
    ['Library of', exactText(certificate)],
    ['Listed', listedText(certificate)],
    ...(certificate.rows?.caveats ?? []).map((caveat) => ['But', coloured('yellow', caveat)] as const),
    ['Beside it', besideText(counts)],
  ]);
  const kinds = findingKinds.flatMap((kind) => {
    const shown = (first[kind] ?? []).slice(0, examples);
    return shown.length === 0 ? [] : [{ kind, shown }];
  });
  const lists = kinds.map(({ kind, shown }) => findingList(kind, shown, counts[kind]));
  const more = (findings?.rows ?? 0) > kinds.reduce((sum, { shown }) => sum + shown.length, 0);
  const all = more ? `\nAll of them: lcb backup certificate ${id} --findings\n` : '';
  return indented([facts, ...lists, all].join(''));
}

function comparedText({ counts, rows, objects }: Certificate): string | undefined {
  if (rows === undefined || objects === undefined) return undefined;
  return `${plural(counts.expected, 'file')} that the database expects with ${plural(counts.found, 'object')} (${formatBytes(counts.foundBytes)}) of ${objects.location}`;
}

const rowsText = {
  dump: "rows of the dump's own snapshot",
  query: 'rows of a live query',
  restoredDatabase: 'rows of the restored database',
} as const;

function momentText({ rows }: Certificate): string | undefined {
  if (rows === undefined) return undefined;
  return `${formatTime(rows.moment.from)} UTC, by ${rowsText[rows.from]}${rows.exact ? ' (exact)' : ' (NOT exact)'}`;
}

/** Of a library that was chosen from the versions of its bucket. */
function exactText({ objects }: Certificate): string | undefined {
  if (objects?.exact === undefined) return undefined;
  const { deleted, replaced, later, healed } = objects.exact;
  const old =
    healed === 0
      ? ''
      : `; ${plural(healed, 'object')} that the source had lost or replaced long before ${healed === 1 ? 'is' : 'are'} in it again, as rows name them`;
  return `that very moment: ${formatCount(deleted)} deleted and ${formatCount(replaced)} replaced by now are in it as they were, ${formatCount(later)} that came later are not${old}`;
}

/** When the objects were looked at: what happened at the source in between is what a backup may have met. */
function listedText({ objects, before }: Certificate): string | undefined {
  if (!objects?.listed) return undefined;
  const earlier =
    before?.from === 'listing' ? `${formatTime(before.listed.from)}, before the moment; and ` : '';
  return `${earlier}${formatTime(objects.listed.from)} to ${formatTime(objects.listed.to)}`;
}

/** What is in the library and need not be in the rows. */
function besideText(counts: ConsistencyCounts): string | undefined {
  const parts = [
    [counts.generated, 'generated file'],
    [counts.system, 'file of Liferay itself'],
    [counts.publicationObjects, 'file of publications'],
    [counts.arrived, 'file newer than the moment'],
    [counts.excused, 'file left out on demand'],
    [counts.rowsWithoutKey, 'row without its file entry'],
  ] as const;
  const shown = parts.filter(([count]) => count > 0).map(([count, noun]) => countOf(count, noun));
  return shown.length === 0 ? undefined : shown.join(', ');
}

/** `3 files of publications` */
function countOf(count: number, noun: string): string {
  const [first = '', ...rest] = noun === 'generated file' ? [noun] : noun.split(' ');
  return [plural(count, first), ...rest].join(' ');
}

const headings: Readonly<Record<FindingKind, string>> = {
  missing: 'Missing: the database has a row, the library no object',
  wrongSize: 'Wrong size: the object has another one than its row says',
  unreferenced: 'Unreferenced: no row of the database names the object',
  unknownCompany: 'Unknown company: the database does not have the one that the object is of',
  otherLayout: 'Other layout: not named as Liferay names its files',
};

function findingList(kind: FindingKind, shown: readonly Finding[], count: number): string {
  const some =
    count > shown.length ? `the first ${shown.length} of ${formatCount(count)}` : formatCount(count);
  return `\n${headings[kind]} (${some})\n${indented(findingTable(shown))}`;
}
