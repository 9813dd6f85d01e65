import { verifyBackup } from '@lcb/core';
import { measured, measureService } from './measure-service.ts';
import type { Measurement, Task } from './measurement.ts';
import { runScript } from './run-script.ts';

/** Does one task in this process, which should do nothing else before or after, and says what that took. */
export async function runTask(task: Task, signal: AbortSignal): Promise<Measurement> {
  switch (task.kind) {
    case 'idle':
      return measureService(task.settings, async () => ({}));
    case 'run':
      return measureService(task.settings, async (service) => {
        const run = await service.waitFor(await service.submit(task.request), () => undefined, signal);
        if (run.state === 'Succeeded') return { runId: run.runId, units: run.units };
        throw new Error(`${run.runId} is ${run.state}: ${run.error?.message}`);
      });
    case 'verify':
      return measureService(task.settings, async (service) => {
        const { ok, problems, objects, bytesRead } = await verifyBackup({
          store: service.provider.objectStore(task.location),
          backup: task.backup,
          trustedKeys: await service.trustedKeys(),
          concurrency: task.settings.limits.copyConcurrency,
          signal,
          onProgress: () => undefined,
        });
        if (ok) return { verified: { objects, bytes: bytesRead } };
        throw new Error(problems.join('\n'));
      });
    case 'command':
      return measured('withChildren', async () => {
        await runScript(task.script, task.env);
        return {};
      });
  }
}
