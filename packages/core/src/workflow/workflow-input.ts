import { z } from 'zod';
import { projectIdSchema, runIdSchema } from '../model/ids.ts';

/** What every workflow is started with; all else it learns from steps. */
export const workflowInputSchema = z.object({ runId: runIdSchema, projectId: projectIdSchema });
export type WorkflowInput = z.infer<typeof workflowInputSchema>;
