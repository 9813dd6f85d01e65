import { DBOS } from '@dbos-inc/dbos-sdk';
import {
  drive,
  type Json,
  type Run,
  runKindSchema,
  type StepCommand,
  type WorkflowInput,
  type Workflows,
  workflowInputSchema,
  workflows,
  workflowVersion,
} from '@lcb/core';
import pg from 'pg';
import { outcomeOf, unwrap } from './step-outcome.ts';

export interface DbosWorkflowsOptions {
  /** PostgreSQL, with the right to make a schema `dbos` in that database. */
  readonly systemDatabaseUrl: string;
  /**
   * Unique per live owner: a second live process with the same id would run steps twice. Whoever launches holds
   * something that no other process can hold at the same time.
   */
  readonly executorId: string;
  /** Executes a step with its retries. What it throws is recorded as the step's outcome. */
  readonly executeStep: (run: WorkflowInput, command: StepCommand) => Promise<Json>;
  /** Warnings and errors of the engine itself. */
  readonly onLog: (level: 'warn' | 'error', message: string) => void;
}

export interface DbosWorkflows extends Workflows {
  /** Waits until the run's workflow has ended; throws if its last step failed. */
  ended(runId: string): Promise<void>;
  /**
   * Stops at once: nothing that a step under way still does is recorded, so that the next owner runs it again.
   */
  shutdown(): Promise<void>;
}

/**
 * Runs core's workflows on DBOS, in this process, durably in PostgreSQL. Launching goes on with every run that an owner
 * of the same executor id left unfinished.
 */
export async function launchDbosWorkflows(options: DbosWorkflowsOptions): Promise<DbosWorkflows> {
  let closing = false;
  // A pool of our own: the one that DBOS makes sends a setting on each new connection while the first query is under way.
  const pool = new pg.Pool({
    connectionString: options.systemDatabaseUrl,
    max: 10,
    application_name: 'lcb workflows',
    idle_in_transaction_session_timeout: 60_000,
  });
  pool.on('error', (error) =>
    options.onLog('warn', `A connection to the system database was lost: ${error.message}`),
  );
  DBOS.setConfig({
    name: 'lcb',
    systemDatabaseUrl: options.systemDatabaseUrl,
    systemDatabasePool: pool,
    executorID: options.executorId,
    applicationVersion: workflowVersion,
    logger: quietLogger(options.onLog),
  });

  const run = DBOS.registerWorkflow(
    async (kind: string, input: WorkflowInput): Promise<string> => {
      const workflow = workflows[runKindSchema.parse(kind)](workflowInputSchema.parse(input));
      return drive(workflow, {
        sleep: (seconds) => DBOS.sleep(seconds * 1000),
        step: async (command) => {
          const recorded = await DBOS.runStep(
            async () => {
              const outcome = await outcomeOf(() => options.executeStep(input, command));
              // A step that was cut off by our own end has no outcome. Never answering keeps it out of the journal.
              return closing ? new Promise<never>(() => undefined) : outcome;
            },
            { name: command.step },
          );
          return unwrap(recorded);
        },
      });
    },
    { name: 'lcb.run', maxRecoveryAttempts: 1000 },
  );
  await DBOS.launch();

  return {
    async start(target: Run) {
      const { runId, projectId } = target;
      await DBOS.startWorkflow(run, { workflowID: runId })(target.kind, { runId, projectId });
    },
    async status(runId) {
      const status = await DBOS.getWorkflowStatus(runId);
      if (status === null) return 'unknown';
      return ['PENDING', 'ENQUEUED', 'DELAYED'].includes(status.status) ? 'running' : 'ended';
    },
    async ended(runId) {
      await DBOS.retrieveWorkflow(runId).getResult();
    },
    async shutdown() {
      closing = true;
      await DBOS.shutdown({ deregister: true });
      await pool.end();
    },
  };
}

/** The engine's own chatter is of no use to an operator; its complaints are. */
function quietLogger(onLog: DbosWorkflowsOptions['onLog']) {
  const text = (entry: unknown) => (entry instanceof Error ? entry.message : String(entry));
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: (entry: unknown) => onLog('warn', text(entry)),
    error: (entry: unknown) => onLog('error', text(entry)),
  };
}
