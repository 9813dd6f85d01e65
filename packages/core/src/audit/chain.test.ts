import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type AuditEntry, type AuditEvent, type AuditHead, auditEntrySchema } from '../model/audit-entry.ts';
import { type AuditProblem, emptyChainHash, nextAuditEntry, verifyAuditChain } from './chain.ts';

function event(number: number, actor = 'ada'): AuditEvent {
  return {
    actor,
    action: 'backup.requested',
    subject: `run-${number}`,
    result: 'accepted',
    at: '2025-11-09T14:30:00.000Z',
    correlationId: `c-${number}`,
    details: { number },
  };
}

function chain(length: number, actor = 'ada'): AuditEntry[] {
  const entries: AuditEntry[] = [];
  let head: AuditHead = { chain: 'retail', sequence: 0, hash: emptyChainHash };
  for (let number = 1; number <= length; number += 1) {
    const entry = nextAuditEntry(head, event(number, actor));
    entries.push(entry);
    head = headOf(entry);
  }
  return entries;
}

function headOf({ chain: name, sequence, hash }: AuditEntry): AuditHead {
  return { chain: name, sequence, hash };
}

async function problems(
  entries: readonly AuditEntry[],
  anchors: readonly AuditHead[] = [],
): Promise<readonly AuditProblem[]> {
  return (await verifyAuditChain('retail', entries, anchors)).problems;
}

const length = fc.integer({ min: 1, max: 12 });

describe('an audit chain', () => {
  it('is held against its own anchors alone, and has no place for an entry of another', async () => {
    const entries = chain(3);
    const foreign = { chain: 'wholesale', sequence: 2, hash: '1'.repeat(64) };
    expect(await verifyAuditChain('retail', entries, [foreign])).toEqual({
      entries: 3,
      anchors: 0,
      problems: [],
    });
    const { problems: found } = await verifyAuditChain('wholesale', entries, []);
    expect(found.map(({ kind }) => kind)).toEqual(['changed', 'changed', 'changed']);
  });

  it('is good as it was written, at every anchor, after a trip through JSON', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(12), async (count) => {
        const entries = chain(count);
        const anchors = [{ chain: 'retail', sequence: 0, hash: emptyChainHash }, ...entries.map(headOf)];
        const stored = z.array(auditEntrySchema).parse(JSON.parse(JSON.stringify(entries)));
        expect(await verifyAuditChain('retail', stored, anchors)).toEqual({
          entries: count,
          anchors: count + 1,
          problems: [],
        });
      }),
    );
  });

  it('tells which entry was changed, field by field', async () => {
    const changes: readonly Partial<AuditEntry>[] = [
      { actor: 'eve' },
      { action: 'backup.deleted' },
      { subject: 'other' },
      { result: 'refused' },
      { at: '2025-11-09T14:30:00.001Z' },
      { correlationId: 'other' },
      { details: { number: 0 } },
      { chain: 'other' },
      { hash: '0'.repeat(64) },
      { previousHash: '1'.repeat(64) },
    ];
    for (const change of changes) {
      const entries = chain(4).map((entry) => (entry.sequence === 2 ? { ...entry, ...change } : entry));
      expect(await problems(entries), JSON.stringify(change)).toContainEqual({
        kind: 'changed',
        sequence: 2,
      });
    }
    const { details: _details, ...without } = chain(4)[1] ?? chain(1)[0] ?? event(0);
    const entries = chain(4).map((entry) =>
      entry.sequence === 2 ? { ...entry, ...without, details: undefined } : entry,
    );
    expect(await problems(entries)).toContainEqual({ kind: 'changed', sequence: 2 });
  });

  it('shows at the next entry that one was changed and hashed anew', async () => {
    const entries = chain(4);
    const first = entries[0];
    if (first === undefined) throw new Error('there is none');
    entries[1] = nextAuditEntry(headOf(first), event(2, 'eve'));
    expect(await problems(entries)).toEqual([{ kind: 'changed', sequence: 3 }]);
  });

  it('tells which entries are missing', async () => {
    await fc.assert(
      fc.asyncProperty(length, fc.nat(), async (count, at) => {
        const gone = (at % count) + 1;
        const left = chain(count + 1).filter(({ sequence }) => sequence !== gone);
        expect(await problems(left)).toEqual([{ kind: 'missing', sequence: gone }]);
      }),
    );
  });

  it('tells which entry is out of order or repeated, and accuses no other', async () => {
    const [first, second, third, fourth] = chain(4);
    if (!first || !second || !third || !fourth) throw new Error('there is none');
    expect(await problems([first, third, second, fourth])).toEqual([
      { kind: 'missing', sequence: 2 },
      { kind: 'reordered', sequence: 2 },
    ]);
    expect(await problems([first, second, second, third, fourth])).toEqual([
      { kind: 'reordered', sequence: 2 },
    ]);
    expect(await problems([first, second, third, first, fourth])).toEqual([
      { kind: 'reordered', sequence: 1 },
    ]);
  });

  it('seems whole when its end was cut off, which an anchor shows', async () => {
    await fc.assert(
      fc.asyncProperty(length, fc.nat(), async (count, at) => {
        const entries = chain(count);
        const last = entries.at(-1);
        const left = entries.slice(0, at % count);
        expect(await problems(left)).toEqual([]);
        expect(await problems(left, last === undefined ? [] : [headOf(last)])).toEqual([
          { kind: 'cutOff', sequence: left.length + 1 },
        ]);
      }),
    );
  });

  it('seems whole when it was computed anew, which an anchor shows', async () => {
    const forged = chain(5, 'eve');
    expect(await problems(forged)).toEqual([]);
    for (const { sequence, ...head } of chain(5).map(headOf)) {
      expect(await problems(forged, [{ ...head, sequence }])).toEqual([{ kind: 'rewritten', sequence }]);
    }
  });

  it('is not excused by an anchor that was made after it was computed anew', async () => {
    const forged = chain(5, 'eve');
    const anchors = [chain(5), forged].flatMap((entries) => entries.slice(-1).map(headOf));
    expect(await problems(forged, anchors)).toEqual([{ kind: 'rewritten', sequence: 5 }]);
    expect(await problems(forged, anchors.reverse())).toEqual([{ kind: 'rewritten', sequence: 5 }]);
  });

  it('may have any number of anchors', async () => {
    const [head] = chain(1).map(headOf);
    if (head === undefined) throw new Error('there is none');
    const anchors = Array.from({ length: 300_000 }, (_, index) => ({ ...head, sequence: index + 2 }));
    expect(await problems(chain(1), anchors)).toEqual([{ kind: 'cutOff', sequence: 2 }]);
  });

  it('finds any single act of tampering, given the last anchor', async () => {
    const tampering = fc.oneof(
      fc.record({ kind: fc.constant('drop' as const), at: fc.nat() }),
      fc.record({ kind: fc.constant('swap' as const), at: fc.nat() }),
      fc.record({ kind: fc.constant('repeat' as const), at: fc.nat() }),
      fc.record({ kind: fc.constant('rewrite' as const), at: fc.nat() }),
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 10 }), tampering, async (count, { kind, at }) => {
        const good = chain(count);
        const anchors = good.slice(-1).map(headOf);
        const index = at % (kind === 'swap' ? count - 1 : count);
        const entries = [...good];
        if (kind === 'drop') entries.splice(index, 1);
        if (kind === 'swap') entries.splice(index, 2, ...good.slice(index, index + 2).reverse());
        if (kind === 'repeat') entries.splice(index, 0, ...good.slice(index, index + 1));
        if (kind === 'rewrite') {
          let head = good.slice(0, index).map(headOf).at(-1) ?? {
            chain: 'retail',
            sequence: 0,
            hash: emptyChainHash,
          };
          for (let place = index; place < count; place += 1) {
            const entry = nextAuditEntry(head, event(place + 1, 'eve'));
            entries[place] = entry;
            head = headOf(entry);
          }
        }
        expect(await problems(entries, anchors)).not.toEqual([]);
      }),
    );
  });
});
