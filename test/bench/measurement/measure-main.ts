import { text } from 'node:stream/consumers';
import { setFlagsFromString } from 'node:v8';
import { taskSchema } from './measurement.ts';
import { runTask } from './run-task.ts';

/** The other side of `measure.ts`: a task from standard input, the measurement to standard output. */
// As `lcb` does.
setFlagsFromString('--heap-growing-percent=50');
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
const measurement = await runTask(taskSchema.parse(JSON.parse(await text(process.stdin))), stop.signal);
process.stdout.write(`${JSON.stringify(measurement)}\n`, () => process.exit(0));
