// Starts a job as another process would, and is killed at the point that the last argument names.
import { join } from 'node:path';
import { childProcessJobs } from '../jobs/child-process-jobs.ts';
import { JobFolder } from '../jobs/job-folder.ts';
import { processIdentity } from '../jobs/process-identity.ts';

const [directory = '', name = '', input = '{}', killed = 'never', ...command] = process.argv.slice(2);
const [program = process.execPath, ...args] = command;

if (killed === 'beforeSpawn') {
  const own = await processIdentity(process.pid);
  if (own !== undefined) await new JobFolder(join(directory, name)).create(JSON.parse(input), own);
} else {
  await childProcessJobs({ directory, command: [program, ...args] }).start({
    name,
    kind: 'dump',
    input: JSON.parse(input),
  });
}
if (killed !== 'never') process.kill(process.pid, 'SIGKILL');
