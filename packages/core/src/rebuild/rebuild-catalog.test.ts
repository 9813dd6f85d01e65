import { beforeEach, describe, expect, it } from 'vitest';
import { type AuditAnchor, emptyChainHash, nextAuditEntry, verifyAuditChain } from '../audit/chain.ts';
import type { AuditEntry, AuditEvent, AuditHead } from '../model/audit-entry.ts';
import { readRecords, writeRecord } from '../repository/record.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { sequenceClock } from '../testing/sequence-clock.ts';
import { stubCatalog } from '../testing/stub-catalog.ts';
import { testSigner } from '../testing/test-signer.ts';
import { rebuildCatalog } from './rebuild-catalog.ts';

const chain = 'retail';

/** A project's chain, as a catalog keeps it. */
class Chain {
  readonly entries: AuditEntry[] = [];

  head(sequence = this.entries.length): AuditHead {
    return { chain, sequence, hash: this.entries[sequence - 1]?.hash ?? emptyChainHash };
  }

  append(action: string): void {
    this.add({
      actor: 'ada',
      action,
      subject: 's',
      result: 'succeeded',
      at: '2025-11-09T14:30:00.000Z',
      correlationId: action,
    });
  }

  add(event: AuditEvent): void {
    this.entries.push(nextAuditEntry(this.head(), event));
  }
}

describe('rebuilding a catalog', () => {
  const signer = testSigner();
  let store: MemoryStore;
  let old: Chain;
  let now: Chain;
  beforeEach(() => {
    store = new MemoryStore({ location: 'memory://backups' });
    old = new Chain();
    for (let number = 1; number <= 20; number += 1) old.append(`old ${number}`);
    now = new Chain();
  });

  async function anchor(environment: string, head: AuditHead): Promise<void> {
    const id = `retail-${environment}-backup-20251109-143000`;
    await writeRecord(store, signer, sequenceClock(), { projectId: chain, environment }, `${id}-audit`, {
      type: 'auditHead',
      at: '2025-11-09T14:35:00.000Z',
      actor: 'service',
      head,
    });
  }

  async function rebuild(correlationId: string): Promise<Record<string, boolean>> {
    const catalog = stubCatalog({
      project: {
        auditHead: async () => now.head(),
        async *auditEntries() {
          yield* now.entries;
        },
        recordRebuild: async (event) => now.add(event),
      },
    });
    const rebuilt = await rebuildCatalog({
      catalog,
      signer,
      clock: sequenceClock(),
      actor: 'ada',
      correlationId,
      store,
      location: store.location,
      trustedKeys: [signer.trusted],
      declared: [],
    });
    return Object.fromEntries(rebuilt.map(({ environment, auditLost }) => [environment, auditLost]));
  }

  /** As `lcb audit verify` does: what comes before the record of a loss does not count. */
  async function audit(environments: readonly string[]) {
    const anchors: AuditAnchor[] = [];
    for (const environment of environments) {
      let own: AuditAnchor[] = [];
      for await (const { record } of readRecords(store, { projectId: chain, environment }, [
        signer.trusted,
      ])) {
        if (record?.type === 'catalogRebuilt') own = [];
        if (record?.type === 'catalogRebuilt' || record?.type === 'auditHead') own.push(record.head);
      }
      anchors.push(...own);
    }
    return (await verifyAuditChain(chain, now.entries, anchors)).problems;
  }

  it('says that the old chain is lost for each environment, however long the new one has become', async () => {
    const heads = { dev: 12, int: 15, prd: 20, uat: 2 };
    for (const [environment, sequence] of Object.entries(heads)) {
      await anchor(environment, old.head(sequence));
    }
    expect(await rebuild('first')).toEqual({ dev: true, int: true, prd: true, uat: true });
    expect(now.entries).toHaveLength(4);
    expect(await audit(Object.keys(heads))).toEqual([]);
    expect(await rebuild('second')).toEqual({ dev: false, int: false, prd: false, uat: false });
    expect(await audit(Object.keys(heads))).toEqual([]);
  });

  it('says so also where runs of the new catalog came before', async () => {
    await anchor('prd', old.head(9));
    for (let number = 1; number <= 10; number += 1) now.append(`new ${number}`);
    expect(await rebuild('first')).toEqual({ prd: true });
    expect(await audit(['prd'])).toEqual([]);
  });

  it('says nothing of a chain that is there', async () => {
    await anchor('prd', old.head(9));
    now = old;
    expect(await rebuild('first')).toEqual({ prd: false });
    expect(await audit(['prd'])).toEqual([]);
  });
});
