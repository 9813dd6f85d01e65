import { appendFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import type { JobUsage } from './measurement.ts';
import { processUsage } from './process-usage.ts';

/** `job-main.ts REPORT BASE KIND FOLDER`: a job of the service, which at its end appends to REPORT what it used. */
const [, , report = '', base = '', ...job] = process.argv;
// As `lcb` does for its own jobs.
enableCompileCache();
setFlagsFromString('--heap-growing-percent=50');
const { runLocalJob } = await import('@lcb/functions-local');
const exitCode = await runLocalJob(base, job);
const usage: JobUsage = {
  kind: job[0] ?? '',
  seconds: performance.now() / 1000,
  ...processUsage('withChildren'),
};
appendFileSync(report, `${JSON.stringify(usage)}\n`);
process.exit(exitCode);
