export { type DbosWorkflows, type DbosWorkflowsOptions, launchDbosWorkflows } from './dbos-workflows.ts';
