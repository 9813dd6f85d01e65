import { appendFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { text } from 'node:stream/consumers';
import { runRequestSchema } from '@lcb/core';
import { localSettingsSchema, openLocalService } from '@lcb/functions-local';
import { z } from 'zod';
import { serviceOptions } from './local-fixture.ts';

// A process that is killed would leave nothing for the next one.
flushCompileCache();

/** The other side of `service-process.ts`: one service, one request, and an end that may be violent. */
const input = z
  .object({
    settings: localSettingsSchema,
    request: runRequestSchema,
    killAt: z.object({ step: z.string(), phase: z.enum(['begin', 'end']) }).nullable(),
    journal: z.string(),
  })
  .parse(JSON.parse(await text(process.stdin)));

const service = await openLocalService(
  serviceOptions(input.settings, (event) => {
    if (event.kind === 'problem') console.error(event.message);
    if (event.kind !== 'step') return;
    const { phase, step } = event;
    appendFileSync(
      input.journal,
      `${JSON.stringify({ pid: process.pid, phase, step, input: event.input })}\n`,
    );
    if (input.killAt?.step === step && input.killAt.phase === phase) process.kill(process.pid, 'SIGKILL');
  }),
);
const run = await service.waitFor(
  await service.submit(input.request),
  () => undefined,
  new AbortController().signal,
);
await service.close();
if (run.state !== 'Succeeded') console.error(`${run.runId} is ${run.state}: ${run.error?.message}`);
process.exitCode = run.state === 'Succeeded' ? 0 : 1;
