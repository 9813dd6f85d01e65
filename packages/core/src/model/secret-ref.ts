import { z } from 'zod';

/** A secret by reference: `env:NAME` or `file:path` locally, a name in the cloud's secret store elsewhere. Never the secret. */
export const secretRefSchema = z
  .string()
  .regex(/^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/, 'must be env:NAME or file:path, never the secret itself');

export const urlWithoutPassword = z.string().superRefine((value, context) => {
  if (!URL.canParse(value)) {
    context.addIssue({ code: 'custom', message: 'is not a URL' });
  } else if (new URL(value).password !== '') {
    context.addIssue({
      code: 'custom',
      message: 'carries a password; take it out and name it in `secret` as env:NAME or file:path',
    });
  }
});
