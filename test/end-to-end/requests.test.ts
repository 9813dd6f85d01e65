import { join } from 'node:path';
import { EnvironmentBusyError, isFinal, type Run } from '@lcb/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  backupRequest,
  type LocalFixture,
  localFixture,
  type PlacedEnvironment,
  project,
  restoreRequest,
} from '../support/local-fixture.ts';
import { runToEnd } from '../support/run-to-end.ts';
import { readJournal, runServiceProcess } from '../support/service-process.ts';

describe('requests', () => {
  let fixture: LocalFixture;
  beforeAll(async () => {
    fixture = await localFixture();
  });
  afterAll(() => fixture.remove());

  /** The same data under another environment's name: reading it many times at once does no harm. */
  function alias(name: string): PlacedEnvironment {
    return { ...fixture.source, environment: { ...fixture.source.environment, environment: name } };
  }

  it('the same request delivered three times, by two processes, runs once', {
    timeout: 180_000,
  }, async () => {
    const settings = await fixture.settings();
    const request = backupRequest(alias('thrice'));
    const journal = join(fixture.folder, 'journal-thrice');
    const input = { settings, request, killAt: null, journal };
    const ends = await Promise.all([runServiceProcess(input), runServiceProcess(input)]);
    expect(ends).toEqual([
      { code: 0, signal: null, stderr: '' },
      { code: 0, signal: null, stderr: '' },
    ]);
    expect(await runServiceProcess(input)).toEqual({ code: 0, signal: null, stderr: '' });

    const service = await fixture.open(settings);
    const { runs } = await service.catalog.forProject(project).runs({ limit: 10 });
    await service.close();
    expect(runs.map(({ state, request: { requestId } }) => [state, requestId])).toEqual([
      ['Succeeded', request.requestId],
    ]);
    const begun = (await readJournal(journal)).filter(
      ({ phase, step }) => phase === 'begin' && !step.endsWith('.poll'),
    );
    expect(new Set(begun.map(({ step, input: stepInput }) => step + JSON.stringify(stepInput))).size).toBe(
      begun.length,
    );
  });

  it('ten environments are backed up at once, and never more than the limit', {
    timeout: 300_000,
  }, async () => {
    const settings = await fixture.settings({ total: 10 });
    const service = await fixture.open(settings);
    const submitted: Run[] = [];
    for (let number = 0; number < 12; number += 1)
      submitted.push(await service.submit(backupRequest(alias(`env-${number}`))));
    // No process is the owner yet: exactly the ten oldest are admitted, the others queue.
    const admitted = await service.catalog.platform.admitted();
    expect(admitted.map(({ runId }) => runId)).toEqual(submitted.slice(0, 10).map(({ runId }) => runId));
    let most = 0;
    const ended = await Promise.all(
      submitted.map((run) =>
        service.waitFor(
          run,
          async () => {
            most = Math.max(most, (await service.catalog.platform.admitted()).length);
          },
          new AbortController().signal,
        ),
      ),
    );
    await service.close();
    expect(ended.map(({ state }) => state)).toEqual(Array(12).fill('Succeeded'));
    expect(most).toBeLessThanOrEqual(10);
  });

  it('a backup is refused while a restore writes there, and a restore while a backup reads there', async () => {
    const service = await fixture.open(await fixture.settings());
    const { runId } = await runToEnd(service, backupRequest(fixture.source));
    await service.close();

    const waiting = await fixture.open(await fixture.settings());
    const target = fixture.newEnvironment('busy');
    // Admitted, but with no owner at work: the restore holds its target for as long as the test looks.
    await waiting.submit(restoreRequest(fixture.source, runId, target));
    await expect(waiting.submit(backupRequest(target))).rejects.toThrow(EnvironmentBusyError);
    await waiting.submit(backupRequest(alias('reading')));
    const into = { ...fixture.newEnvironment('other'), environment: alias('reading').environment };
    await expect(waiting.submit(restoreRequest(fixture.source, runId, into))).rejects.toThrow(
      EnvironmentBusyError,
    );
    const refusals: string[] = [];
    for await (const { action, result } of waiting.catalog.forProject(project).auditEntries()) {
      if (result === 'refused') refusals.push(action);
    }
    await waiting.close();
    expect(refusals).toHaveLength(2);
  });

  it('a request without an owner waits, and whoever becomes owner runs it', async () => {
    const settings = await fixture.settings();
    const client = await fixture.open(settings);
    const run = await client.submit(backupRequest(alias('queued')));
    expect(run.state).toBe('Pending');
    const owner = await fixture.open(settings);
    expect(await owner.own()).toBe(true);
    expect(await client.own()).toBe(false);
    const ended = await client.waitFor(run, () => undefined, new AbortController().signal);
    expect(isFinal(ended.state) && ended.state).toBe('Succeeded');
    await client.close();
    await owner.close();
  });
});
