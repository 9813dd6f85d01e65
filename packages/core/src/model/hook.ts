import { z } from 'zod';
import { secretRefSchema } from './secret-ref.ts';

export const hookNames = ['quiesce', 'resume', 'reindex', 'switch'] as const;
/**
 * What an environment can be asked to do, since only its owner knows how: stop changing, go on, rebuild its search index,
 * and use the data that a restore has prepared beside its own.
 */
export type HookName = (typeof hookNames)[number];

const timeoutSeconds = z.number().int().min(1).max(600).default(30);

/** The address is checked when it is called: see the egress guard. */
const hookUrlSchema = z.string().superRefine((value, context) => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    context.addIssue({ code: 'custom', message: 'must look like https://host/path' });
  } else if (url.username !== '' || url.password !== '') {
    context.addIssue({
      code: 'custom',
      message: 'carries a user or a password; take it out, calls are signed with `secret` instead',
    });
  }
});

export const httpHookSchema = z.strictObject({
  url: hookUrlSchema,
  method: z.enum(['POST', 'PUT']).default('POST'),
  /** Signs each call, as Standard Webhooks say. By reference. */
  secret: secretRefSchema.optional(),
  /** Of one call. */
  timeoutSeconds,
});
export type HttpHook = z.infer<typeof httpHookSchema>;

export const commandHookSchema = z.strictObject({
  /** Program and arguments. No shell takes part; the event comes on standard input. */
  command: z.tuple([z.string().min(1)], z.string()),
  timeoutSeconds,
});
export type CommandHook = z.infer<typeof commandHookSchema>;

export const hookSchema = z.union([httpHookSchema, commandHookSchema]);
export type Hook = z.infer<typeof hookSchema>;

export const hooksSchema = z
  .strictObject({
    quiesce: hookSchema.optional(),
    resume: hookSchema.optional(),
    reindex: hookSchema.optional(),
    switch: hookSchema.optional(),
    /** Seconds that a backup may keep the environment quiesced, from before the quiesce hook is called. */
    maxQuiesceSeconds: z.number().int().min(1).max(86_400).default(300),
  })
  .refine((hooks) => (hooks.quiesce === undefined) === (hooks.resume === undefined), {
    message: 'has only one of `quiesce` and `resume`; what is stopped must be able to go on, so declare both',
  });
export type EnvironmentHooks = z.infer<typeof hooksSchema>;

const calledSchema = z.object({
  state: z.enum(['Called', 'NotDeclared', 'Failed']),
  at: z.iso.datetime(),
  /** Why it failed. */
  message: z.string().optional(),
});

/** What a run has asked of its environment, and how that went: kept in the catalog, so that nothing is forgotten. */
export const runHooksSchema = z.object({
  quiesce: z
    .object({
      attempt: z.number().int().positive(),
      /** The catalog's clock, before the hook was called. */
      since: z.iso.datetime(),
      /** Absent while the environment may be quiesced. */
      resumedAt: z.iso.datetime().optional(),
      /** Resumed by a person, and not by the run. */
      resumedBy: z.string().optional(),
      failedResumes: z.number().int().nonnegative().default(0),
    })
    .optional(),
  reindex: calledSchema.optional(),
});
export type RunHooks = z.infer<typeof runHooksSchema>;
export type QuiesceRecord = NonNullable<RunHooks['quiesce']>;
