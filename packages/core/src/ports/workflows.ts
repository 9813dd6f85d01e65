import type { Run } from '../model/run.ts';

/** The engine that runs workflows durably: DBOS here, Step Functions or Durable Functions elsewhere. */
export interface Workflows {
  /** Starts the run's workflow under the run's id. Starting one that was started before does nothing. */
  start(run: Run): Promise<void>;
  /** Does the engine know this run, and has it ended? */
  status(runId: string): Promise<'unknown' | 'running' | 'ended'>;
}
