import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareKeys } from '../library/compare-keys.ts';
import { comparing, namingRow, type SmallPair } from '../testing/pair.ts';
import { findingKinds } from './finding.ts';

const key = '20097/20121/401/1.0';
const kinds = async (pair: SmallPair) =>
  (await comparing({ companies: ['20097'], ...pair })).findings.map(({ kind, blame, key: of }) => [
    kind,
    blame,
    of,
  ]);

describe('comparing a database with a library', () => {
  it('finds nothing where they fit', async () => {
    const { findings, counts } = await comparing({ rows: [namingRow(key)], found: { [key]: 1 } });
    expect(findings).toEqual([]);
    expect(counts).toMatchObject({ expected: 1, found: 1, foundBytes: 1, matching: 1, introduced: 0 });
  });

  it('finds what is missing, and says where it is still to be had', async () => {
    const { findings } = await comparing({
      rows: [namingRow(key, { id: '7', title: 'Contract (1.0)' })],
      before: {},
      base: { [key]: 1 },
    });
    expect(findings).toEqual([
      {
        kind: 'missing',
        blame: 'source',
        key,
        expectedSizes: [1],
        row: { table: 'DLFileVersion', id: '7', companyId: '20097', title: 'Contract (1.0)' },
        lastBackup: 'retail-prd-backup-20251108-143000',
      },
    ]);
  });

  it('does not send anybody to a backup that has no better one', async () => {
    const wrong = { rows: [namingRow(key)], before: { [key]: 3 }, found: { [key]: 3 } };
    const lastBackup = async (base: Record<string, number>) =>
      (await comparing({ ...wrong, base })).findings.map((finding) => finding.lastBackup);
    expect(await lastBackup({ [key]: 1 })).toEqual(['retail-prd-backup-20251108-143000']);
    expect(await lastBackup({ [key]: 3 })).toEqual([undefined]);
    expect(await lastBackup({})).toEqual([undefined]);
  });

  it('blames the backup for what went while it ran', async () => {
    const rows = [namingRow(key)];
    expect(await kinds({ rows, before: { [key]: 1 } })).toEqual([['missing', 'backup', key]]);
    expect(await kinds({ rows, before: {}, listed: { [key]: 1 } })).toEqual([['missing', 'backup', key]]);
    expect(await kinds({ rows, before: { [key]: 1 }, found: { [key]: 2 } })).toEqual([
      ['wrongSize', 'backup', key],
    ]);
    const replaced = { found: { [key]: 2 }, listed: { [key]: 1 } };
    expect(await kinds({ rows, before: {}, ...replaced })).toEqual([['wrongSize', 'backup', key]]);
  });

  it('blames the source for what was no better before', async () => {
    const rows = [namingRow(key)];
    expect(await kinds({ rows, before: {} })).toEqual([['missing', 'source', key]]);
    expect(await kinds({ rows, before: { [key]: 2 }, found: { [key]: 2 } })).toEqual([
      ['wrongSize', 'source', key],
    ]);
  });

  it('blames the backup for what no listing had although it is there', async () => {
    const pair = { rows: [namingRow(key)], before: {}, unlisted: [key] };
    expect(await kinds(pair)).toEqual([['missing', 'backup', key]]);
    expect((await comparing(pair)).counts).toMatchObject({ missing: 1, introduced: 1 });
  });

  it('does not acquit a row that the first listing could not know: another attempt will tell', async () => {
    const uncertain = { from: '2025-11-09T14:00:00.000Z', to: '2025-11-09T14:30:00.000Z' };
    const written = (time: string) => ({ rows: [namingRow(key, { times: [time] })], before: {}, uncertain });
    expect(await kinds(written('2025-11-09T14:10:00.000Z'))).toEqual([['missing', 'backup', key]]);
    expect(await kinds(written('2025-11-09T13:59:59.999Z'))).toEqual([['missing', 'source', key]]);
    expect(await kinds(written('2030-01-01T00:00:00.000Z'))).toEqual([['missing', 'source', key]]);
  });

  it('does not expect what waits in a publication, and does not call it unreferenced', async () => {
    const rows = [namingRow(key, { ctCollectionId: '9' })];
    expect(await kinds({ rows })).toEqual([]);
    expect(await kinds({ rows, found: { [key]: 5 }, before: { [key]: 5 } })).toEqual([]);
    // The production row of the same object decides.
    expect(await kinds({ rows: [...rows, namingRow(key, { size: 3 })], found: { [key]: 5 } })).toEqual([
      ['wrongSize', 'source', key],
    ]);
  });

  it('takes any size where no row says one, and that of any row where several do', async () => {
    expect(await kinds({ rows: [namingRow(key, { size: null })], found: { [key]: 9 } })).toEqual([]);
    const rows = [namingRow(key, { size: 9 }), namingRow(key, { id: '2', size: 4 })];
    expect(await kinds({ rows, found: { [key]: 4 } })).toEqual([]);
    expect(await kinds({ rows, found: { [key]: 5 } })).toEqual([['wrongSize', 'source', key]]);
  });

  it('tells apart what no row names', async () => {
    const extras = {
      '20097/0/adaptive/1/2/a.png': 1,
      '20097/0/77.png/1.0': 1,
      '20097/0/saml/keystore.jks': 1,
      '20097/20121/999/1.0': 1,
      '0/0/license/1.0': 1,
      '55/20121/1/1.0': 1,
      'document_library/20097/20121/401/1.0': 1,
    };
    const { findings, counts } = await comparing({ found: extras, before: extras, companies: ['20097'] });
    expect(findings.map(({ kind, key: of }) => [of, kind])).toEqual([
      ['20097/0/77.png/1.0', 'unreferenced'],
      ['20097/20121/999/1.0', 'unreferenced'],
      ['55/20121/1/1.0', 'unknownCompany'],
      ['document_library/20097/20121/401/1.0', 'otherLayout'],
    ]);
    expect(counts).toMatchObject({ generated: 1, system: 2, introduced: 0 });
    // Without rows of Image nobody knows which pictures belong.
    const images = { '20097/0/77.png/1.0': 1 };
    expect(await kinds({ found: images, before: images, imagesKnown: false })).toEqual([]);
  });

  it('counts what came while the backup ran as no drift', async () => {
    const { findings, counts } = await comparing({ found: { [key]: 1 }, before: {} });
    expect(findings).toEqual([]);
    expect(counts.arrived).toBe(1);
  });

  it('blames a restore for what the backup had otherwise, and for nothing else', async () => {
    const rows = [namingRow(key)];
    const restore = { madeBy: 'restore', rows } as const;
    expect(await kinds({ ...restore, before: { [key]: 1 } })).toEqual([['missing', 'restore', key]]);
    expect(await kinds({ ...restore, before: {} })).toEqual([['missing', 'source', key]]);
    const extra = { '20097/20121/999/1.0': 1 };
    const has = { [key]: 1 };
    expect(await kinds({ ...restore, before: has, found: { ...has, ...extra } })).toEqual([
      ['unreferenced', 'restore', '20097/20121/999/1.0'],
    ]);
    expect(await kinds({ ...restore, before: { ...has, ...extra }, found: { ...has, ...extra } })).toEqual([
      ['unreferenced', 'source', '20097/20121/999/1.0'],
    ]);
    expect(await kinds({ ...restore, before: has, isExcused: () => true })).toEqual([]);
  });
});

/** Few keys, so that rows and objects meet often. */
const anyKey = fc.constantFrom(
  key,
  '20097/20121/401/1.1~a',
  '20097/20121/402/1.0',
  '20097/20121/\u{1f600}/1.0',
  '20097/20121/\uff5e/1.0',
  '20097/0/5.png/1.0',
  '20097/0/document_preview/1/1.png',
  '20097/0/saml/keystore.jks',
  '66/20121/401/1.0',
  '0/0/a/1.0',
  '_new/20097/20121/401/1.0',
  'x',
);
const anySize = fc.integer({ min: 0, max: 2 });
const anyObjects = fc.dictionary(anyKey, anySize);
const anyPair = fc.record({
  madeBy: fc.constantFrom('backup' as const, 'restore' as const),
  rows: fc.array(
    fc.record({ key: anyKey, size: fc.option(anySize), ct: fc.constantFrom('0', '0', '7'), id: fc.nat(9) }),
    { maxLength: 8 },
  ),
  found: anyObjects,
  before: fc.option(anyObjects, { nil: undefined }),
  companies: fc.option(fc.constant(['20097']), { nil: undefined }),
  imagesKnown: fc.boolean(),
});

describe('any pair', () => {
  it('is compared as a naive comparison in memory does it', async () => {
    await fc.assert(
      fc.asyncProperty(anyPair, async ({ rows: given, ...pair }) => {
        const rows = given.map(({ key: of, size, ct, id }) =>
          namingRow(of, { size, ctCollectionId: ct, id: String(id) }),
        );
        const { findings, counts } = await comparing({ ...pair, rows });
        const wanted = naive(pair, given);
        expect(findings.map(({ key: of, kind, blame }) => `${of} ${kind} ${blame}`)).toEqual(wanted);
        expect(counts.found).toBe(Object.keys(pair.found).length);
        for (const kind of findingKinds)
          expect(counts[kind]).toBe(wanted.filter((finding) => finding.includes(` ${kind} `)).length);
        // Every object that is there is accounted for, once.
        const inPublications = Object.keys(pair.found).filter(
          (of) =>
            given.some((row) => row.key === of) && !given.some((row) => row.key === of && row.ct === '0'),
        ).length;
        expect(
          counts.matching +
            counts.wrongSize +
            counts.unreferenced +
            counts.unknownCompany +
            counts.otherLayout +
            counts.generated +
            counts.system +
            counts.arrived +
            inPublications,
        ).toBe(counts.found);
      }),
      { numRuns: 2000 },
    );
  });
});

type Given = { readonly key: string; readonly size: number | null; readonly ct: string };

/** The same from the words of the rules, key by key. */
function naive(pair: Omit<SmallPair, 'rows'>, rows: readonly Given[]): string[] {
  const { found = {}, before } = pair;
  const keys = [...new Set([...rows.map(({ key: of }) => of), ...Object.keys(found)])].sort(compareKeys);
  return keys.flatMap((of) => {
    const naming = rows.filter((row) => row.key === of);
    const production = naming.filter(({ ct }) => ct === '0');
    const size = found[of];
    const earlier = before?.[of];
    if (naming.length > 0 && production.length === 0) return [];
    if (production.length > 0) {
      const sizes = production.map((row) => row.size).filter((one) => one !== null);
      const right = (one: number | undefined) =>
        one !== undefined && (sizes.length === 0 || sizes.includes(one));
      if (right(size)) return [];
      if (size === undefined)
        return [`${of} missing ${earlier === undefined ? 'source' : (pair.madeBy ?? '')}`];
      const isSame = before === undefined || earlier === size;
      return [`${of} wrongSize ${isSame ? 'source' : (pair.madeBy ?? '')}`];
    }
    const kind = of.startsWith('_new/') || of === 'x' ? 'otherLayout' : kindOf(of, pair);
    if (kind === undefined) return [];
    const isNew = before !== undefined && earlier === undefined;
    if (isNew && pair.madeBy === 'backup') return [];
    return [`${of} ${kind} ${isNew ? 'restore' : 'source'}`];
  });
}

function kindOf(of: string, { companies, imagesKnown }: Omit<SmallPair, 'rows'>): string | undefined {
  if (companies !== undefined && of.startsWith('66/')) return 'unknownCompany';
  if (of === '20097/0/5.png/1.0') return imagesKnown ? 'unreferenced' : undefined;
  if (of.startsWith('20097/0/') || of.startsWith('0/0/')) return undefined;
  return 'unreferenced';
}
