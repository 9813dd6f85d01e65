import { jobHandlers, localSecrets, runJob } from '@lcb/provider-local';
import { localServices } from './local-services.ts';

/**
 * The one entry point of jobs: this process does one job, named by its arguments.
 * @returns the exit code, to end the process with
 */
export async function runLocalJob(baseDirectory: string, jobArguments: readonly string[]): Promise<number> {
  const secrets = localSecrets({ env: process.env, baseDirectory });
  return runJob(
    jobArguments,
    jobHandlers((stores) => localServices(secrets, stores)),
  );
}
