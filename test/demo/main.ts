import { parseArgs } from 'node:util';
import { runDemo } from './demo.ts';
import { demoReporter } from './reporter.ts';

/** `npm start`: a sample environment is made, backed up, checked, restored beside and compared, on this machine alone. */
const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, keep: { type: 'boolean', default: false } },
});
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
process.once('SIGTERM', () => stop.abort());

const reporter = demoReporter(process.stderr);
try {
  const result = await runDemo({ reporter, keep: values.keep, signal: stop.signal });
  if (values.json) process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
  process.exitCode = result.equal ? 0 : 1;
} catch (error) {
  reporter.failed(error);
  if (values.json) {
    const message = error instanceof Error ? error.message : String(error);
    process.stdout.write(`${JSON.stringify({ equal: false, error: message })}\n`);
  }
  process.exitCode = 1;
}
