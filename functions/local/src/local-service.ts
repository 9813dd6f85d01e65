import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { migrateCatalog, openCatalog, type PostgresCatalog } from '@lcb/catalog';
import {
  type AuditEvent,
  dispatch,
  isFinal,
  LcbError,
  NotFoundError,
  type RetryServices,
  type Run,
  type RunRequest,
  type StepServices,
} from '@lcb/core';
import { localSecrets } from '@lcb/provider-local';
import { openCatalogServer } from './catalog-server.ts';
import { type LocalProvider, type LocalProviderOptions, openLocalProvider } from './open-local-provider.ts';
import { becomeOwner, type Owner, type OwnerEvent } from './owner.ts';
import { isOwned } from './owner-lock.ts';

export interface LocalServiceOptions extends LocalProviderOptions {
  readonly serviceVersion: string;
  readonly onEvent: (event: OwnerEvent) => void | Promise<void>;
  /** How the time between two tries of a step passes: as the retry policy says, unless told otherwise. */
  readonly sleep?: RetryServices['sleep'];
}

/** The whole service in one process: catalog, provider, and, if no other process is it already, the engine's owner. */
export interface LocalService extends LocalProvider {
  readonly catalog: PostgresCatalog;
  /** Records a request and admits it. It runs in whichever process is the owner, now or later. */
  submit(request: RunRequest): Promise<Run>;
  /**
   * Waits until a run has ended, running it here if no other process does. Answers `Pending` or `InProgress` runs too
   * through `onProgress`, about twice a second.
   */
  waitFor(run: Run, onProgress: (run: Run) => void, signal: AbortSignal): Promise<Run>;
  requestCancel(run: Run, actor: string): Promise<Run>;
  /** Becomes the owner if there is none; `true` while this process is it. */
  own(): Promise<boolean>;
  /** Does any process, this one included, run what was submitted? Unlike {@link LocalService.own} it starts nothing. */
  isOwned(): Promise<boolean>;
  /** Is any run admitted and not over, in whichever process? */
  isIdle(): Promise<boolean>;
  close(): Promise<void>;
}

/** How often a run that is waited for is looked at, and how many looks lie between two tries to become the owner. */
const lookMilliseconds = 300;
const looksPerOwnershipTry = 5;

export async function openLocalService(options: LocalServiceOptions): Promise<LocalService> {
  const { settings } = options;
  const secrets = localSecrets({ env: process.env, baseDirectory: settings.baseDirectory });
  const server = await openCatalogServer(settings, secrets);
  const migrations = await migrateCatalog({ url: server.url });
  const catalog = await openCatalog({ url: server.url });
  const local = openLocalProvider(options);
  if (migrations.length > 0) {
    await catalog.platform.appendAudit({
      actor: 'service',
      action: 'catalog.migrated',
      subject: 'catalog',
      result: 'succeeded',
      at: local.clock.now(),
      correlationId: randomUUID(),
      details: { migrations: [...migrations], serviceVersion: options.serviceVersion },
    });
  }
  for (const environment of settings.environments) {
    await catalog.forProject(environment.projectId).declareEnvironment(environment);
  }
  const { limits } = settings;
  const services: StepServices = {
    ...local,
    catalog,
    validation: settings.validation,
    shardLimits: { rows: limits.shardObjects, copyBytes: limits.shardBytes },
    shardsAtOnce: limits.shardsAtOnce,
    serviceVersion: options.serviceVersion,
  };
  let owner: Owner | undefined;
  let becoming: Promise<Owner | undefined> | undefined;

  async function own(): Promise<boolean> {
    if (owner?.lost.aborted) {
      throw new LcbError({
        code: 'owner.lost',
        message: 'The connection to the catalog was lost. The run goes on in the next lcb that is started.',
      });
    }
    if (owner !== undefined) return true;
    const { stepSeconds } = limits;
    // Many may wait for runs at once, and only one of them may try.
    becoming ??= becomeOwner({
      catalogUrl: server.url,
      services,
      limits,
      stepSeconds,
      sleep: options.sleep ?? ((seconds, aborted) => wait(seconds * 1000, undefined, { signal: aborted })),
      onEvent: options.onEvent,
    });
    const mine = becoming;
    try {
      const found = await mine;
      owner = found ?? owner;
    } finally {
      if (becoming === mine) becoming = undefined;
    }
    return owner !== undefined;
  }

  return {
    ...local,
    catalog,
    own,
    isOwned: () => isOwned(server.url),
    async submit(request) {
      // Starting is the owner's: here the run is recorded and admitted.
      const elsewhere = { start: async () => undefined, status: async () => 'unknown' as const };
      const run = await dispatch({ catalog, limits, workflows: elsewhere }, request);
      await owner?.nudge();
      return run;
    },
    async waitFor(run, onProgress, signal) {
      const project = catalog.forProject(run.projectId);
      for (let look = 0; ; look += 1) {
        // Whoever owns the engine may end at any time; asking at each look would cost a connection every time.
        if (look % looksPerOwnershipTry === 0) await own();
        const now = await project.run(run.runId);
        if (now === undefined) throw new NotFoundError(`There is no run ${run.runId} any more.`);
        onProgress(now);
        if (isFinal(now.state)) {
          await owner?.settled(run.runId);
          return now;
        }
        await wait(lookMilliseconds, undefined, { signal });
      }
    },
    async requestCancel(run, actor) {
      const event: AuditEvent = {
        actor,
        action: `${run.kind}.cancelRequested`,
        subject: run.runId,
        result: 'accepted',
        at: local.clock.now(),
        correlationId: run.request.correlationId,
      };
      return catalog.forProject(run.projectId).requestCancel(run.runId, event);
    },
    async isIdle() {
      return (await catalog.platform.admitted()).length === 0;
    },
    async close() {
      await owner?.stop();
      await catalog.close();
      await server.leave();
    },
  };
}
