import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import {
  type AdmissionLimits,
  admitAndStart,
  type CloudEvent,
  errorMessage,
  executeWithRetry,
  type Json,
  LcbError,
  type RetryServices,
  type Run,
  type StepCommand,
  type StepContext,
  type StepName,
  type StepServices,
  steps,
  tick,
  type WorkflowInput,
} from '@lcb/core';
import { launchDbosWorkflows } from '@lcb/workflow-dbos';
import { tryOwnerLock } from './owner-lock.ts';
import { RunLeases } from './run-leases.ts';

/** What happened in the process that runs the workflows, for its log. Never holds a secret. */
export type OwnerEvent =
  | {
      readonly kind: 'step';
      readonly phase: 'begin' | 'end';
      readonly runId: string;
      readonly step: StepName;
      readonly input: Json;
    }
  | { readonly kind: 'event'; readonly event: CloudEvent }
  | { readonly kind: 'problem'; readonly message: string };

export interface OwnerOptions {
  readonly catalogUrl: string;
  readonly services: StepServices;
  readonly limits: AdmissionLimits;
  readonly stepSeconds: number;
  /** How the time between two tries of a step passes. */
  readonly sleep: RetryServices['sleep'];
  /** Awaited before a step begins and after it has ended, before its outcome is recorded. */
  readonly onEvent: (event: OwnerEvent) => void | Promise<void>;
}

export interface Owner {
  /** Admits and starts whatever may run now. */
  nudge(): Promise<void>;
  /**
   * Waits until the engine has nothing more to do for a run that the catalog calls over: the last thing that a run does
   * is to anchor the audit chain, after it has ended.
   */
  settled(runId: string): Promise<void>;
  /** Fires when this process is no longer the owner. */
  readonly lost: AbortSignal;
  stop(): Promise<void>;
}

/** Waiting runs are looked for this often, and everything else that a tick does at every so many looks. */
const lookMilliseconds = 500;
const looksPerTick = 60;

/**
 * Makes this process the owner of the engine, if no other is: it goes on with unfinished runs, starts admitted ones and
 * ticks. One `executorID` for every owner, guarded by the lock: whoever is owner next finds all of them.
 */
export async function becomeOwner(options: OwnerOptions): Promise<Owner | undefined> {
  const lost = new AbortController();
  const lock = await tryOwnerLock(options.catalogUrl, () => lost.abort());
  if (lock === undefined) return undefined;

  const { services, limits, onEvent } = options;
  const { catalog } = services;
  const problem = (error: unknown) => void onEvent({ kind: 'problem', message: errorMessage(error) });
  const leases = new RunLeases(catalog, limits.leaseSeconds, problem);

  async function executeStep(run: WorkflowInput, command: StepCommand): Promise<Json> {
    const step = steps.get(command.step);
    if (step === undefined)
      throw new LcbError({ code: 'internal', message: `There is no step ${command.step}.` });
    const { lease, signal } = await leases.hold(run);
    const began = performance.now();
    const context: StepContext = {
      ...services,
      lease,
      signal,
      isTimeOver: () => performance.now() - began > options.stepSeconds * 1000,
    };
    const seen = { kind: 'step', runId: run.runId, step: command.step, input: command.input } as const;
    await onEvent({ ...seen, phase: 'begin' });
    const output = await executeWithRetry(step, command.input, context, {
      sleep: options.sleep,
      random: Math.random,
    });
    await onEvent({ ...seen, phase: 'end' });
    // The lease went with the run.
    if (command.step.endsWith('.finish')) leases.drop(run.runId);
    return output;
  }

  const workflows = await launchDbosWorkflows({
    systemDatabaseUrl: options.catalogUrl,
    executorId: 'local',
    executeStep,
    onLog: (level, message) => {
      if (level === 'error') problem(message);
    },
  });

  const dispatching = {
    catalog,
    limits,
    workflows: {
      status: workflows.status,
      async start(run: Run) {
        if ((await workflows.status(run.runId)) !== 'unknown') return;
        leases.adopt({ runId: run.runId, epoch: run.epoch });
        await workflows.start(run);
      },
    },
    deliver: async (event: CloudEvent) => onEvent({ kind: 'event', event }),
    async reap(run: Run) {
      const outcome = {
        state: 'Failed',
        error: { code: 'run.lost', message: 'The run was lost by the engine that ran it.', retryable: false },
      };
      const { runId, projectId } = run;
      await executeStep(
        { runId, projectId },
        { kind: 'step', step: `${run.kind}.finish`, input: { runId, projectId, outcome } },
      );
    },
  };

  let looks = 0;
  const stopping = new AbortController();
  const loop = (async () => {
    while (!stopping.signal.aborted && !lost.signal.aborted) {
      try {
        await (looks % looksPerTick === 0 ? tick(dispatching) : admitAndStart(dispatching));
      } catch (error) {
        problem(error);
      }
      looks += 1;
      try {
        await wait(lookMilliseconds, undefined, { signal: stopping.signal });
      } catch {
        return; // Stopping is the only thing that cuts the wait short.
      }
    }
  })();

  return {
    lost: lost.signal,
    nudge: () => admitAndStart(dispatching),
    async settled(runId) {
      // A run that was cancelled while it waited never had a workflow.
      if ((await workflows.status(runId)) !== 'running') return;
      try {
        await Promise.race([workflows.ended(runId), once(lost.signal, 'abort')]);
      } catch (error) {
        // The run is over all the same; the next owner's tick tries what is left of it again.
        problem(error);
      }
    },
    async stop() {
      stopping.abort();
      await loop;
      await workflows.shutdown();
      await leases.close();
      await lock.release();
    },
  };
}
