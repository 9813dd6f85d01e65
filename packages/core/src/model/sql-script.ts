import { z } from 'zod';

/** A statement file that a restore runs afterwards, its parameters filled in already. */
export const sqlScriptSchema = z.object({ name: z.string().min(1).max(255), sql: z.string() });
export type SqlScript = z.infer<typeof sqlScriptSchema>;

/** Scripts travel with the request, through catalog and jobs: they are for statements, not for data. */
export const maxScriptBytes = 1024 * 1024;

export const sqlScriptsSchema = z
  .array(sqlScriptSchema)
  .max(1000)
  .refine((scripts) => scriptBytes(scripts) <= maxScriptBytes, 'have more than 1 MiB in all');

/** In UTF-8. */
export function scriptBytes(scripts: readonly SqlScript[]): number {
  const encoder = new TextEncoder();
  return scripts.reduce((total, { sql }) => total + encoder.encode(sql).length, 0);
}
