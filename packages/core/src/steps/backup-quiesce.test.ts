import { describe, expect, it } from 'vitest';
import { LcbError } from '../errors/lcb-error.ts';
import type { CloudEvent } from '../model/cloud-event.ts';
import { hooksSchema, type QuiesceRecord } from '../model/hook.ts';
import { type Backup, backupSchema } from '../model/run.ts';
import { backupRun } from '../testing/backup-run.ts';
import { stepContext } from '../testing/step-context.ts';
import { stubCatalog } from '../testing/stub-catalog.ts';
import { pollWhileQuiesced, quiesce, resume, whileQuiesced } from './backup-quiesce.ts';
import { resumeAtLast } from './resume-environment.ts';

const input = { runId: 'retail-prd-backup-20251109-143000', projectId: 'retail', attempt: 1 };
const since = '2025-11-09T14:30:00.000Z';
const hooks = hooksSchema.parse({
  quiesce: { url: 'https://hooks.example.com/quiesce' },
  resume: { url: 'https://hooks.example.com/resume' },
});
const unreachable = new LcbError({ code: 'hook.unreachable', message: 'Nobody is there.', retryable: true });
const refused = new LcbError({ code: 'hook.refused', message: 'It answered with 404.' });

/** A catalog that keeps the record, and hooks that fail as they are told. */
function world(options: { readonly quiesce?: Partial<QuiesceRecord>; readonly seconds?: number } = {}) {
  const plain = backupRun();
  let record: QuiesceRecord | undefined = options.quiesce && {
    attempt: 1,
    since,
    failedResumes: 0,
    ...options.quiesce,
  };
  const order: string[] = [];
  const called: CloudEvent[] = [];
  let failure: Error | undefined;
  const backup = (): Backup =>
    backupSchema.parse({
      ...plain,
      request: { ...plain.request, consistency: 'quiesce', source: { ...plain.request.source, hooks } },
      ...(record === undefined ? {} : { hooks: { quiesce: record } }),
    });
  const context = stepContext({
    catalog: stubCatalog({
      platform: { checkLease: async () => undefined },
      project: {
        run: async () => backup(),
        recordQuiesce: async (_lease, attempt) => {
          order.push('recorded');
          record ??= { attempt, since, failedResumes: 0 };
          return record;
        },
        recordResume: async (_lease, outcome) => {
          order.push(outcome);
          if (record === undefined) throw new Error('nothing was quiesced');
          record =
            outcome === 'resumed'
              ? { ...record, resumedAt: since }
              : { ...record, failedResumes: record.failedResumes + 1 };
          return record;
        },
        quiescedSeconds: async () => options.seconds ?? 1,
      },
    }),
    hooks: {
      async call(_hook, event) {
        order.push(event.type.replace('cloud.liferay.environment.', ''));
        called.push(event);
        if (failure !== undefined) throw failure;
      },
    },
  });
  return { context, order, called, backup, fail: (error: Error) => (failure = error) };
}

describe('quiescing', () => {
  it('is recorded before the environment is asked, and says until when', async () => {
    const { context, order, called } = world();
    expect(await quiesce(input, context)).toEqual({ since });
    expect(order).toEqual(['recorded', 'quiesce.v1']);
    expect(called).toEqual([
      {
        specversion: '1.0',
        id: `${input.runId}-quiesce-1`,
        type: 'cloud.liferay.environment.quiesce.v1',
        source: '/projects/retail/environments/prd',
        subject: input.runId,
        time: since,
        datacontenttype: 'application/json',
        data: {
          backupId: input.runId,
          attempt: 1,
          maxQuiesceSeconds: 300,
          deadline: '2025-11-09T14:35:00.000Z',
        },
      },
    ]);
  });

  it('asks the same again when it is repeated, but not after a person has resumed', async () => {
    const { context, called } = world();
    await quiesce(input, context);
    await quiesce(input, context);
    expect(called[1]).toEqual(called[0]);
    const resumed = world({ quiesce: { resumedAt: since, resumedBy: 'ada' } });
    await expect(quiesce(input, resumed.context)).rejects.toMatchObject({ code: 'quiesce.resumedEarly' });
    expect(resumed.called).toEqual([]);
  });
});

describe('resuming', () => {
  it('is done once, and recorded', async () => {
    const { context, order, called } = world({ quiesce: {} });
    await resume(input, context);
    await resume(input, context);
    expect(order).toEqual(['resume.v1', 'resumed']);
    expect(called[0]?.id).toBe(`${input.runId}-resume-1`);
  });

  it('of what was never quiesced asks nobody', async () => {
    const { context, order } = world();
    await resume(input, context);
    expect(order).toEqual([]);
  });

  it.each([
    [unreachable, true],
    [refused, false],
  ])('that fails says loudly what to do, and whether it may be tried again', async (error, retryable) => {
    const { context, order, fail } = world({ quiesce: {} });
    fail(error);
    await expect(resume(input, context)).rejects.toMatchObject({
      code: 'hook.resumeFailed',
      retryable,
      message: expect.stringMatching(/MAY STILL BE READ-ONLY.*lcb env resume prd --project retail/),
    });
    expect(order).toEqual(['resume.v1', 'failed']);
  });

  it('at last goes on being tried while it may help, and then lets the run end with its error', async () => {
    const tried = world({ quiesce: { failedResumes: 5 } });
    tried.fail(unreachable);
    await expect(resumeAtLast(tried.backup(), tried.context)).rejects.toMatchObject({ retryable: true });
    const exhausted = world({ quiesce: { failedResumes: 20 } });
    exhausted.fail(unreachable);
    expect(await resumeAtLast(exhausted.backup(), exhausted.context)).toMatchObject({
      code: 'hook.resumeFailed',
      retryable: false,
    });
    const hopeless = world({ quiesce: {} });
    hopeless.fail(refused);
    expect(await resumeAtLast(hopeless.backup(), hopeless.context)).toMatchObject({
      code: 'hook.resumeFailed',
    });
    const good = world({ quiesce: {} });
    expect(await resumeAtLast(good.backup(), good.context)).toBeUndefined();
    expect(good.order).toEqual(['resume.v1', 'resumed']);
  });
});

describe('a step while the environment is quiesced', () => {
  const done = async () => 'done';

  it('is done in time, under a signal of its own', async () => {
    const { context } = world({ quiesce: {} });
    expect(await whileQuiesced(done)(input, context)).toBe('done');
  });

  it('does not begin after the deadline', async () => {
    const { context } = world({ quiesce: {}, seconds: 300 });
    await expect(whileQuiesced(done)(input, context)).rejects.toMatchObject({
      code: 'quiesce.deadlinePassed',
      retryable: false,
    });
  });

  it('is cut off by the deadline, whether it listens or not', async () => {
    const { context } = world({ quiesce: {}, seconds: 299.95 });
    const listening = whileQuiesced(
      (_input: typeof input, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    );
    await expect(listening(input, context)).rejects.toMatchObject({ code: 'quiesce.deadlinePassed' });
    const deaf = whileQuiesced(async (_input: typeof input, { signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return 'done';
    });
    await expect(deaf(input, context)).rejects.toMatchObject({ code: 'quiesce.deadlinePassed' });
  });

  it('is told by the deadline and not waited for, and what it says later is of no interest', async () => {
    const { context } = world({ quiesce: {}, seconds: 299.95 });
    const { promise, reject } = Promise.withResolvers<never>();
    let told: AbortSignal | undefined;
    const hanging = whileQuiesced((_input: typeof input, { signal }) => {
      told = signal;
      return promise;
    });
    await expect(hanging(input, context)).rejects.toMatchObject({ code: 'quiesce.deadlinePassed' });
    expect(told?.aborted).toBe(true);
    reject(new Error('a rejection that nobody handles would end the test run'));
    await new Promise((resolve) => setTimeout(resolve, 1));
  });

  it('says of an operation that goes on by when to look again', async () => {
    const poll = pollWhileQuiesced(async (_input: typeof input) => ({ state: 'InProgress' }) as const);
    expect(await poll(input, world({ quiesce: {}, seconds: 298 }).context)).toEqual({
      state: 'InProgress',
      secondsLeft: 2,
    });
    expect(await poll(input, world().context)).toEqual({ state: 'InProgress' });
  });

  it('fails when a person has resumed the environment', async () => {
    const { context } = world({ quiesce: { resumedAt: since, resumedBy: 'ada' } });
    await expect(whileQuiesced(done)(input, context)).rejects.toMatchObject({
      code: 'quiesce.resumedEarly',
      message: expect.stringContaining('by ada'),
    });
  });

  it('keeps its own error', async () => {
    const { context } = world({ quiesce: {} });
    const failing = whileQuiesced((_input: typeof input) => Promise.reject(refused));
    await expect(failing(input, context)).rejects.toBe(refused);
  });
});
