export { type EnvironmentHooksOptions, environmentHooks } from './environment-hooks.ts';
