import {
  commandHookSchema,
  hooksSchema as coreHooks,
  httpHookSchema,
  LcbError,
  secretRefSchema,
} from '@lcb/core';
import { parseAllowList } from '@lcb/hooks/allow-list';
import { z } from 'zod';

const { url, method, timeoutSeconds } = httpHookSchema.shape;

/** One object and not a union, so that a mistake in it can be named. */
const hookSchema = z
  .strictObject({
    url: url.describe('https://host/path that is called with an event, signed with `secret`.').optional(),
    method: method.unwrap().describe('POST or PUT (POST).').optional(),
    secret: secretRefSchema
      .describe('The key of the signature, by reference: env:NAME, or file:path relative to this file.')
      .optional(),
    command: commandHookSchema.shape.command
      .describe(
        'Instead of `url`: program and arguments, run without a shell, with the event on its standard input.',
      )
      .optional(),
    timeoutSeconds: timeoutSeconds.describe('Seconds that one call may take.'),
  })
  .superRefine((hook, context) => {
    const wrong = problemOf(hook);
    if (wrong !== undefined) context.addIssue({ code: 'custom', message: wrong });
  });
export type HookConfig = z.infer<typeof hookSchema>;

function problemOf(hook: {
  readonly url?: unknown;
  readonly command?: unknown;
  readonly method?: unknown;
  readonly secret?: unknown;
}): string | undefined {
  if ((hook.url === undefined) === (hook.command === undefined)) return 'must have either url or command';
  if (hook.command === undefined || (hook.method === undefined && hook.secret === undefined))
    return undefined;
  return 'has a command, which takes neither method nor secret';
}

/** How an environment is asked to do what only its owner knows how. */
export const hooksSchema = z
  .strictObject({
    quiesce: hookSchema
      .describe('Called before a backup with --consistency quiesce: stop changing.')
      .optional(),
    resume: hookSchema.describe('Called after it, whatever happened: go on.').optional(),
    reindex: hookSchema
      .describe('Called after a restore into this environment: rebuild the search index.')
      .optional(),
    switch: hookSchema
      .describe('Called when what a restore prepared beside the environment takes its place.')
      .optional(),
    maxQuiesceSeconds: coreHooks.shape.maxQuiesceSeconds.describe(
      'Seconds after which a quiesced environment is resumed, and the backup fails.',
    ),
  })
  .refine(({ quiesce, resume }) => (quiesce === undefined) === (resume === undefined), {
    message: 'has only one of quiesce and resume; what is stopped must be able to go on, so declare both',
  })
  .describe('What the environment is asked to do, over HTTP or by a command.');
export type HooksConfig = z.infer<typeof hooksSchema>;

const allowed = z.string().superRefine((entry, context) => {
  try {
    parseAllowList([entry]);
  } catch (error) {
    if (!LcbError.isInstance(error)) throw error;
    context.addIssue({
      code: 'custom',
      message:
        'is neither a host (hooks.example.internal, localhost:8080) nor an address or a range (10.20.0.0/16)',
    });
  }
});

export const egressSchema = z
  .strictObject({
    allow: z
      .array(allowed)
      .default([])
      .describe('Hosts, host:port, addresses and ranges that hooks may reach although they are not public.'),
  })
  .prefault({})
  .describe('Where the service may connect to on behalf of an environment, beyond the public Internet.');
