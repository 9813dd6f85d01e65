export { launchDbosWorkflows, type DbosWorkflows, type DbosWorkflowsOptions } from './dbos-workflows.ts';
