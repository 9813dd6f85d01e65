import { jobHandlers, localSecrets, runJob } from '@lcb/provider-local';
import { localServices } from './local-services.ts';

/** The one entry point of jobs: this process does one job, named by its arguments, and ends. */
export async function runLocalJob(baseDirectory: string, jobArguments: readonly string[]): Promise<void> {
  const secrets = localSecrets({ env: process.env, baseDirectory });
  await runJob(jobArguments, jobHandlers(localServices(secrets)));
}
