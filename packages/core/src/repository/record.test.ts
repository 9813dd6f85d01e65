import { describe, expect, it } from 'vitest';
import { IntegrityError } from '../errors/errors.ts';
import { environment } from '../testing/library-backup.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { sequenceClock } from '../testing/sequence-clock.ts';
import { toArray } from '../testing/streams.ts';
import { testSigner } from '../testing/test-signer.ts';
import { recordKey } from './layout.ts';
import { type RecordBody, readRecords, writeRecord } from './record.ts';
import { signDocument } from './signed-document.ts';

const backupId = 'retail-prd-backup-20251109-143000';
const about = { actor: 'ada', backupId } as const;
const first = '2025-11-09T14:30:00.000Z';
const later = '2025-11-10T14:30:00.000Z';
const deleted: RecordBody = { ...about, type: 'deleted', at: first, reason: 'old' };
const undeleted: RecordBody = { ...about, type: 'undeleted', at: later };

async function written(...records: readonly (readonly [string, RecordBody])[]) {
  const store = new MemoryStore();
  const signer = testSigner();
  const keys: string[] = [];
  for (const [id, record] of records)
    keys.push(await writeRecord(store, signer, sequenceClock(), environment, id, record));
  const read = () => toArray(readRecords(store, environment, [signer.trusted]));
  return { store, signer, keys, read };
}

describe('records', () => {
  it('are read back in the order of their times', async () => {
    const { read, keys } = await written(['b', undeleted], ['a', deleted]);
    expect((await read()).map(({ key, record }) => [key, record])).toEqual([
      [keys[1], { format: 'lcb-record', version: 1, ...environment, recordId: 'a', ...deleted }],
      [keys[0], { format: 'lcb-record', version: 1, ...environment, recordId: 'b', ...undeleted }],
    ]);
  });

  it('of verifications from before there were levels are read as what they were: of every byte', async () => {
    const { store, signer, read } = await written();
    const old = { type: 'verified', at: first, ...about, ok: true, problems: [], bytesRead: 42 };
    const of = { format: 'lcb-record', version: 1, ...environment, recordId: 'verified-1' };
    const bytes = await signDocument(signer, sequenceClock(), 'lcb-record', { ...of, ...old });
    await store.put(recordKey(environment, first, 'verified-1'), bytes);
    expect(await read()).toMatchObject([{ record: { ...old, level: 'full' } }]);
  });

  it('are written once: what is there stays', async () => {
    const { store, signer, keys } = await written(['a', deleted]);
    const [key = ''] = keys;
    const before = store.bytes(key);
    expect(
      await writeRecord(store, signer, sequenceClock(), environment, 'a', { ...deleted, reason: 'other' }),
    ).toBe(key);
    expect(store.bytes(key)).toEqual(before);
  });

  it('are refused when changed, or signed by somebody else', async () => {
    const { store, keys, read } = await written(['a', deleted]);
    store.tamper(keys[0] ?? '', (bytes) => Buffer.concat([bytes, Buffer.from(' ')]));
    expect(await read()).toMatchObject([{ key: keys[0], problem: expect.any(IntegrityError) }]);
    const forged = await written(['a', deleted]);
    expect(await toArray(readRecords(forged.store, environment, [testSigner().trusted]))).toMatchObject([
      { problem: { code: 'signature.invalid' } },
    ]);
  });

  it('are refused in another environment, and under another id', async () => {
    const { store, signer, keys } = await written(['a', deleted]);
    const bytes = store.bytes(keys[0] ?? '');
    const other = { ...environment, environment: 'uat' };
    await store.put(recordKey(other, first, 'a'), bytes);
    expect(await toArray(readRecords(store, other, [signer.trusted]))).toMatchObject([
      { problem: { code: 'record.misplaced' } },
    ]);
    await store.put(recordKey(environment, first, 'b'), bytes);
    expect(await toArray(readRecords(store, environment, [signer.trusted]))).toMatchObject([
      { record: { recordId: 'a' } },
      { problem: { code: 'record.misplaced' } },
    ]);
  });

  it('are refused under another time than their own: an old one does not count anew', async () => {
    const { store, keys, read } = await written(['a', deleted], ['b', undeleted]);
    const replayed = recordKey(environment, '2025-11-11T14:30:00.000Z', 'a');
    await store.put(replayed, store.bytes(keys[0] ?? ''));
    // It hides none of the others.
    expect(await read()).toMatchObject([
      { record: { recordId: 'a' } },
      { record: { recordId: 'b' } },
      { key: replayed, problem: { code: 'record.misplaced' } },
    ]);
  });
});
