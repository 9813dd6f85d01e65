import {
  type AdmissionLimits,
  type AuditEntry,
  type AuditEvent,
  type AuditHead,
  type CloudEvent,
  type Lease,
  type PlatformCatalog,
  platformChain,
  type Run,
} from '@lcb/core';
import { admit } from './admission/admit.ts';
import { admittedRuns, checkLease, releaseLease, renewLease, takeOver } from './admission/leases.ts';
import { holdChain, readHead } from './audit/audit-chain.ts';
import { readEntries } from './audit/audit-entries.ts';
import { asPlatform, type CatalogDatabase, type CatalogTransaction } from './database/act-as.ts';
import { assertPositiveInteger } from './input.ts';
import { markDelivered, pendingEvents } from './outbox/outbox.ts';

/** What goes across projects, and the audit chain of what belongs to none. Each call is one transaction. */
export class PostgresPlatformCatalog implements PlatformCatalog {
  readonly #db: CatalogDatabase;

  constructor(db: CatalogDatabase) {
    this.#db = db;
  }

  async admit(limits: AdmissionLimits): Promise<readonly Run[]> {
    return await this.#transact((trx) => admit(trx, limits));
  }

  async admitted(): Promise<readonly Run[]> {
    return await this.#transact(admittedRuns);
  }

  async releaseLease(lease: Lease): Promise<void> {
    await this.#transact((trx) => releaseLease(trx, lease));
  }

  async renewLease(lease: Lease, leaseSeconds: number): Promise<void> {
    await this.#transact((trx) => renewLease(trx, lease, leaseSeconds));
  }

  async checkLease(lease: Lease): Promise<void> {
    await this.#transact((trx) => checkLease(trx, lease));
  }

  async takeOver(runId: string, leaseSeconds: number): Promise<Lease | undefined> {
    return await this.#transact((trx) => takeOver(trx, runId, leaseSeconds));
  }

  async pendingEvents(limit: number): Promise<readonly CloudEvent[]> {
    assertPositiveInteger(limit, 'limit');
    return await this.#transact((trx) => pendingEvents(trx, limit));
  }

  async markDelivered(eventIds: readonly string[]): Promise<void> {
    await this.#transact((trx) => markDelivered(trx, eventIds));
  }

  /** Appends to the platform's own chain. */
  async appendAudit(event: AuditEvent): Promise<AuditEntry> {
    return await this.#transact(async (trx) => (await holdChain(trx, platformChain)).append(event));
  }

  /** The platform's own chain, in order of sequence. */
  auditEntries(fromSequence?: number): AsyncIterable<AuditEntry> {
    return readEntries((work) => this.#transact(work), platformChain, fromSequence);
  }

  async auditHead(): Promise<AuditHead> {
    return await this.#transact((trx) => readHead(trx, platformChain));
  }

  #transact<T>(work: (trx: CatalogTransaction) => Promise<T>): Promise<T> {
    return asPlatform(this.#db, work);
  }
}
