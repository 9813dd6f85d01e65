import { setTimeout as wait } from 'node:timers/promises';
import {
  type Catalog,
  isFinal,
  type Lease,
  LeaseLostError,
  NotFoundError,
  type WorkflowInput,
} from '@lcb/core';

/** A lease that this process holds, and the signal that fires when it may not go on. */
export interface HeldLease {
  readonly lease: Lease;
  readonly signal: AbortSignal;
}

interface Held extends HeldLease {
  readonly stop: AbortController;
}

/**
 * The leases of the runs that this process works on. A run that it admitted itself begins with that lease; one that it
 * found unfinished is taken over once the old lease has run out, with a new epoch, so that a predecessor that still
 * writes somewhere is shut out.
 */
export class RunLeases {
  readonly #catalog: Catalog;
  readonly #leaseSeconds: number;
  readonly #onError: (error: unknown) => void;
  readonly #held = new Map<string, Promise<Held>>();
  readonly #closing = new AbortController();
  readonly #heartbeat: NodeJS.Timeout;

  constructor(catalog: Catalog, leaseSeconds: number, onError: (error: unknown) => void) {
    this.#catalog = catalog;
    this.#leaseSeconds = leaseSeconds;
    this.#onError = onError;
    // Three chances to renew before a lease runs out.
    this.#heartbeat = setInterval(() => void this.#renewAll(), (leaseSeconds * 1000) / 3);
  }

  /** Begins with the lease that admission gave, for a run that nobody has worked on yet. */
  adopt(lease: Lease): void {
    if (!this.#held.has(lease.runId)) this.#held.set(lease.runId, Promise.resolve(held(lease)));
  }

  /** The lease of a run, taken over first if this process does not have it. */
  async hold(run: WorkflowInput): Promise<HeldLease> {
    const { runId } = run;
    let promise = this.#held.get(runId);
    if (promise === undefined) {
      promise = this.#takeOver(run);
      this.#held.set(runId, promise);
      promise.catch(() => this.#held.delete(runId));
    }
    return promise;
  }

  /** The run is over. */
  drop(runId: string): void {
    this.#held.delete(runId);
  }

  /** Stops everything that works under a lease of this process, and lets the leases go, so that a successor need not wait. */
  async close(): Promise<void> {
    clearInterval(this.#heartbeat);
    this.#closing.abort();
    for (const result of await Promise.allSettled(this.#held.values())) {
      if (result.status === 'rejected') continue;
      result.value.stop.abort();
      await this.#catalog.platform.releaseLease(result.value.lease);
    }
    this.#held.clear();
  }

  async #takeOver({ runId, projectId }: WorkflowInput): Promise<Held> {
    const signal = this.#closing.signal;
    for (;;) {
      const lease = await this.#catalog.platform.takeOver(runId, this.#leaseSeconds);
      if (lease !== undefined) return held(lease);
      const run = await this.#catalog.forProject(projectId).run(runId);
      if (run === undefined) throw new NotFoundError(`There is no run ${runId}.`);
      // Its last step was done but not recorded. That step finds the run over and needs no lease.
      if (isFinal(run.state)) return held({ runId, epoch: run.epoch });
      await wait(250, undefined, { signal });
    }
  }

  async #renewAll(): Promise<void> {
    for (const result of await Promise.allSettled(this.#held.values())) {
      if (result.status === 'fulfilled') await this.#renew(result.value);
    }
  }

  async #renew({ lease, stop }: Held): Promise<void> {
    try {
      await this.#catalog.platform.renewLease(lease, this.#leaseSeconds);
    } catch (error) {
      if (error instanceof LeaseLostError) {
        stop.abort(error);
        this.#held.delete(lease.runId);
      } else {
        this.#onError(error);
      }
    }
  }
}

function held(lease: Lease): Held {
  const stop = new AbortController();
  return { lease, signal: stop.signal, stop };
}
