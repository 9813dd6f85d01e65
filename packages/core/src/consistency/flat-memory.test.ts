import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { writeJsonLines } from '../repository/json-lines.ts';
import { fileVersionRow } from '../testing/certified-backup.ts';
import { signal } from '../testing/library-backup.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { expectedObjects } from './expected-objects.ts';
import { noCounts } from './finding.ts';
import { writeCertificate } from './write-certificate.ts';

const million = 1_000_000;
const allowedGrowth = 48 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** What is still held on to after a collection, in bytes. */
function held(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** In the order of keys. */
function keyOf(number: number): string {
  return `20097/20121/${1_000_000 + number}/1.0~${(number * 2_654_435_761).toString(16)}`;
}

async function* numbered<T>(
  make: (number: number) => T,
  watch?: (number: number) => void,
): AsyncGenerator<T> {
  for (let number = 0; number < million; number += 1) {
    watch?.(number);
    yield make(number);
  }
}

it('a million rows are compared with a million objects, every tenth of them missing, in flat memory', {
  timeout: 600_000,
}, async () => {
  const store = new MemoryStore({ location: 'memory://backups' });
  const path = 'library-rows/DLFileVersion.jsonl.zst';
  const rows = numbered((number) => fileVersionRow(keyOf(number), { fileVersionId: String(number) }));
  const artefact = await writeJsonLines(store, '', path, rows, signal);
  const counts = noCounts();
  const location = { store, prefix: '', artefacts: [{ table: 'DLFileVersion' as const, ...artefact }] };
  const object = (number: number) => ({ key: keyOf(number), size: 1, etag: 'e' });
  async function* found() {
    for await (const one of numbered(object, look)) if (one.key.charAt(18) !== '7') yield one;
  }
  let start = 0;
  let most = 0;
  function look(number: number): void {
    if (number % 100_000 !== 50_000) return;
    if (start === 0) start = held();
    else most = Math.max(most, held() - start);
  }
  const moment = { from: '2025-11-09T14:30:00.000Z', to: '2025-11-09T14:30:00.000Z' };
  const certificate = await writeCertificate({
    place: { store, prefix: '', path: 'consistency.json', findingsPath: 'findings.jsonl.zst' },
    counts,
    rows: { from: 'dump', exact: true, caveats: [], moment },
    objects: { from: 'index', location: 'memory://library', listed: moment },
    before: undefined,
    rules: [],
    signal,
    pair: {
      madeBy: 'backup',
      expected: expectedObjects(location, counts),
      found: found(),
      companies: new Set(['20097']),
      imagesKnown: true,
      before: numbered(object),
      isExcused: () => false,
    },
  });
  expect(certificate.counts).toMatchObject({
    expected: million,
    matching: 900_000,
    missing: 100_000,
    introduced: 100_000,
  });
  expect(certificate.findings?.rows).toBe(100_000);
  expect(certificate.first.missing).toHaveLength(20);
  expect(most).toBeLessThan(allowedGrowth);
});
