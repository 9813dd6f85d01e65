import { runLocalJob } from '@lcb/functions-local';

/** Entry point of the jobs that the tests' services start: `job-main.ts BASE KIND FOLDER`. */
const [, , base = '', ...job] = process.argv;
process.exit(await runLocalJob(base, job));
