import { type Hooks, LcbError, type Secrets } from '@lcb/core';
import { callCommandHook } from './command/call-command-hook.ts';
import { parseAllowList } from './egress/allow-list.ts';
import type { Resolve } from './egress/egress-guard.ts';
import { resolveBySystem } from './egress/resolve.ts';
import { callHttpHook } from './http/call-http-hook.ts';

export interface EnvironmentHooksOptions {
  readonly secrets: Secrets;
  /** Hosts, addresses and ranges beyond the public Internet that hooks may reach. */
  readonly allow: readonly string[];
  /** Whether hooks may be programs on this machine, and the environment that a part of is handed down to them. */
  readonly commands:
    | { readonly allowed: false }
    | { readonly allowed: true; readonly env: Readonly<Record<string, string | undefined>> };
  /** The system's resolver when left out. */
  readonly resolve?: Resolve;
}

/** Calls hooks over HTTP behind the egress guard, and as programs where that is allowed. @throws InvalidRequestError for `allow` */
export function environmentHooks(options: EnvironmentHooksOptions): Hooks {
  const { secrets, commands, resolve = resolveBySystem } = options;
  const services = { secrets, allow: parseAllowList(options.allow), resolve, now: Date.now };
  return {
    async call(hook, event, signal) {
      if ('url' in hook) return callHttpHook(hook, event, services, signal);
      if (commands.allowed) return callCommandHook(hook, event, commands.env, signal);
      throw new LcbError({
        code: 'hook.commandNotAllowed',
        message: 'A hook that is a command runs on a plain machine only. Declare it by its url instead.',
      });
    },
  };
}
