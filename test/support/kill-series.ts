import type { RunRequest } from '@lcb/core';
import type { LocalSettings } from '@lcb/functions-local';
import { expect } from 'vitest';
import { withClient } from '../fixtures/postgresql/connect.ts';
import { type KillPoint, type ServiceProcess, startServiceProcess } from './service-process.ts';

/** Kills that follow one another. The next process loads while the last one works, since loading takes longest. */
export class KillSeries {
  readonly #settings: LocalSettings;
  readonly #journal: string;
  #next: ServiceProcess | undefined;

  constructor(settings: LocalSettings, journal: string) {
    this.#settings = settings;
    this.#journal = journal;
  }

  /** One run that is killed at every point of the list, one after the other, each time in a new process; then left alone. */
  async runThrough(
    request: RunRequest,
    points: readonly KillPoint[],
    state: 'Succeeded' | 'Failed' = 'Succeeded',
  ): Promise<void> {
    for (const killAt of points) {
      const { signal, stderr } = await this.#run(request, killAt);
      expect({ killAt, signal, stderr }).toEqual({ killAt, signal: 'SIGKILL', stderr: '' });
      await this.#letLeasesExpire();
    }
    const { code, stderr } = await this.#run(request, null);
    if (state === 'Succeeded') expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    else expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('is Failed') });
  }

  async close(): Promise<void> {
    await this.#next?.discard();
    this.#next = undefined;
  }

  #run(request: RunRequest, killAt: KillPoint | null) {
    const process = this.#next ?? startServiceProcess();
    this.#next = startServiceProcess();
    return process.run({ settings: this.#settings, request, killAt, journal: this.#journal });
  }

  /** What time would do to the leases of a process that is dead. */
  async #letLeasesExpire(): Promise<void> {
    const { catalog } = this.#settings;
    if (catalog.kind !== 'postgresql') throw new TypeError('The catalog has no URL.');
    await withClient(catalog.url, (client) =>
      client.query('UPDATE lcb.leases SET expires_at = least(expires_at, clock_timestamp())'),
    );
  }
}
