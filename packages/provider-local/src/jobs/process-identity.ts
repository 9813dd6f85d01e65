import { z } from 'zod';
import { findProcess } from './process-table.ts';

/** One process of this machine, never another that got its pid later. */
export const processIdentitySchema = z.object({ pid: z.number().int().positive(), start: z.string().min(1) });
export type ProcessIdentity = z.infer<typeof processIdentitySchema>;

/** Who has this pid now; `undefined` when nobody alive does. */
export async function processIdentity(pid: number): Promise<ProcessIdentity | undefined> {
  const found = await findProcess(pid);
  return found === undefined ? undefined : { pid, start: found.start };
}

export async function isAlive({ pid, start }: ProcessIdentity): Promise<boolean> {
  return (await findProcess(pid))?.start === start;
}
