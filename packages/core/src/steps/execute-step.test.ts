import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { LeaseLostError } from '../errors/errors.ts';
import { LcbError } from '../errors/lcb-error.ts';
import { run } from '../testing/scripted-run.ts';
import { stepContext } from '../testing/step-context.ts';
import { stubCatalog } from '../testing/stub-catalog.ts';
import type { StepDefinition, StepName } from '../workflow/step-table.ts';
import { type BoundStep, bindStep, executeWithRetry } from './execute-step.ts';

const busy = new LcbError({ code: 'objectStore.throttled', message: 'busy', retryable: true });
const broken = new LcbError({ code: 'dump.failed', message: 'broken' });
const retry = { maxAttempts: 5, firstDelay: 0.5, maxDelay: 3 };
const input = z.object({ runId: z.string(), projectId: z.string(), number: z.coerce.number() });
const output = z.object({ twice: z.number() });
const definition: StepDefinition<StepName, typeof input, typeof output> = {
  name: 'backup.plan',
  input,
  output,
  retry,
  cancellable: true,
};
const twice = bindStep(definition, async ({ number }) => ({ twice: number * 2 }));

function context(
  state: { readonly cancelled?: boolean; readonly lost?: boolean; readonly signal?: AbortSignal } = {},
) {
  const checkLease = async () => {
    if (state.lost === true) throw new LeaseLostError(run.runId, 1);
  };
  const catalog = stubCatalog({
    platform: { checkLease },
    project: { cancelRequested: async () => state.cancelled === true },
  });
  return stepContext({ catalog, ...(state.signal === undefined ? {} : { signal: state.signal }) });
}

describe('a bound step', () => {
  it('parses what goes in and what comes out', async () => {
    expect(await twice.execute({ ...run, number: '4' }, context())).toEqual({ twice: 8 });
    await expect(twice.execute({ ...run, number: 'four' }, context())).rejects.toBeInstanceOf(z.ZodError);
    await expect(twice.execute({ number: 4 }, context())).rejects.toBeInstanceOf(z.ZodError);
    await expect(twice.execute(null, context())).rejects.toBeInstanceOf(z.ZodError);
    const wrong = bindStep(definition, async () => ({ twice: Number.NaN }));
    await expect(wrong.execute({ ...run, number: 4 }, context())).rejects.toBeInstanceOf(z.ZodError);
  });

  it('does nothing for a run that was cancelled or lost its lease', async () => {
    let calls = 0;
    const counting = bindStep(definition, async () => {
      calls += 1;
      return { twice: 0 };
    });
    await expect(counting.execute({ ...run, number: 1 }, context({ cancelled: true }))).rejects.toMatchObject(
      { code: 'run.cancelled', retryable: false },
    );
    await expect(counting.execute({ ...run, number: 1 }, context({ lost: true }))).rejects.toMatchObject({
      code: 'lease.lost',
      retryable: false,
    });
    await expect(
      counting.execute({ ...run, number: 1 }, context({ cancelled: true, lost: true })),
    ).rejects.toMatchObject({ code: 'lease.lost' });
    expect(calls).toBe(0);
  });

  it('that finishes a run asks neither', async () => {
    const finishing = bindStep({ ...definition, cancellable: false }, async ({ number }) => ({
      twice: number * 2,
    }));
    expect(await finishing.execute({ ...run, number: 1 }, stepContext())).toEqual({ twice: 2 });
  });
});

/** A step that fails so many times with these errors, and what was slept in between. */
function trying(errors: readonly unknown[], random = 0.5) {
  const slept: number[] = [];
  let calls = 0;
  const step: BoundStep = {
    name: 'backup.plan',
    retry,
    async execute() {
      calls += 1;
      const error = errors[calls - 1];
      if (error !== undefined) throw error;
      return calls;
    },
  };
  const services = {
    random: () => random,
    async sleep(seconds: number, signal: AbortSignal) {
      slept.push(seconds);
      signal.throwIfAborted();
    },
  };
  return { slept, calls: () => calls, run: (of = context()) => executeWithRetry(step, {}, of, services) };
}

describe('trying a step again', () => {
  it('is done while its error says so, with delays that double up to a limit', async () => {
    const attempt = trying([busy, busy, busy, busy]);
    expect(await attempt.run()).toBe(5);
    expect(attempt.slept).toEqual([0.5, 1, 2, 3].map((delay) => delay * 0.75));
  });

  it.each([
    [0, 0.25],
    [0.999_999, 0.5],
  ])('spreads the delay between half and the whole of it (%d)', async (random, delay) => {
    const attempt = trying([busy], random);
    await attempt.run();
    expect(attempt.slept[0]).toBeCloseTo(delay, 5);
  });

  it('waits no longer than trying again makes sense, and as ever where that is not known', async () => {
    const slept: number[] = [];
    const services = { random: () => 1, sleep: async (seconds: number) => void slept.push(seconds) };
    const left = [10, 0.2, -1, new Error('not now'), undefined];
    let calls = 0;
    const step: BoundStep = {
      name: 'backup.plan',
      retry: { maxAttempts: 6, firstDelay: 1, maxDelay: 4 },
      execute: () => Promise.reject(busy),
      async secondsLeft() {
        const answer = left[calls];
        calls += 1;
        if (answer instanceof Error) throw answer;
        return answer;
      },
    };
    await expect(executeWithRetry(step, {}, context(), services)).rejects.toBe(busy);
    expect(slept).toEqual([1, 0.2, 0, 4, 4]);
  });

  it('ends with the last error when the policy is used up', async () => {
    const attempt = trying(Array.from({ length: 9 }, () => busy));
    await expect(attempt.run()).rejects.toBe(busy);
    expect(attempt.calls()).toBe(retry.maxAttempts);
    expect(attempt.slept).toHaveLength(retry.maxAttempts - 1);
  });

  it.each([broken, new Error('foreign'), 'no error at all', { retryable: true }])(
    'is not done after %s',
    async (error) => {
      const attempt = trying([error]);
      await expect(attempt.run()).rejects.toBe(error);
      expect(attempt.calls()).toBe(1);
    },
  );

  it('is not done once the signal has fired, and ends when it fires meanwhile', async () => {
    const stopped = new Error('stopped');
    const before = trying([busy]);
    await expect(before.run(context({ signal: AbortSignal.abort(stopped) }))).rejects.toBe(busy);
    expect([before.calls(), before.slept]).toEqual([1, []]);
    const stop = new AbortController();
    const step: BoundStep = { name: 'backup.plan', retry, execute: () => Promise.reject(busy) };
    const sleep = async (_seconds: number, signal: AbortSignal) => {
      stop.abort(stopped);
      signal.throwIfAborted();
    };
    const meanwhile = executeWithRetry(step, {}, context({ signal: stop.signal }), {
      sleep,
      random: () => 0,
    });
    await expect(meanwhile).rejects.toBe(stopped);
  });
});
