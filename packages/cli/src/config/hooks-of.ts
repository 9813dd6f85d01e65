import { basename } from 'node:path';
import type { HookConfig, HooksConfig } from './hooks-schema.ts';
import { absolute } from './values.ts';

/** Hooks as the service takes them: a program that is named by a path is looked for from the folder of lcb.yaml on. */
export function hooksOf(hooks: HooksConfig, baseDirectory: string) {
  const { quiesce, resume, reindex, switch: swap, maxQuiesceSeconds } = hooks;
  const declared = Object.entries({ quiesce, resume, reindex, switch: swap }).flatMap(([name, hook]) =>
    hook === undefined ? [] : [[name, hookOf(hook, baseDirectory)] as const],
  );
  return { ...Object.fromEntries(declared), maxQuiesceSeconds };
}

function hookOf(hook: HookConfig, baseDirectory: string): HookConfig {
  const [program, ...args] = hook.command ?? [];
  if (program === undefined || basename(program) === program) return hook;
  return { ...hook, command: [absolute(program, baseDirectory), ...args] };
}
