import { LcbError } from '../errors/lcb-error.ts';
import { removeFolder } from '../library/sweep-attempts.ts';
import type { EnvironmentRef } from '../model/ids.ts';
import { environmentPrefix, restoreCertificatePaths, restoreFolder } from '../repository/layout.ts';
import type { StepContext } from './step-context.ts';

/** Plans, selections and rows of a run that restored something are of no use after it; its certificate stays. */
export async function removeWork(
  of: EnvironmentRef & { readonly location: string; readonly runId: string },
  { provider }: StepContext,
): Promise<void> {
  const prefix = environmentPrefix(of);
  const kept = Object.values(restoreCertificatePaths(of.runId)).map((path) => prefix + path);
  try {
    const isWork = (key: string) => !kept.includes(key);
    await removeFolder(provider.objectStore(of.location), prefix + restoreFolder(of.runId), isWork);
  } catch (error) {
    // A location may be one that nothing is removed from (object lock). What is left there does no harm.
    if (!LcbError.isInstance(error) || error.retryable) throw error;
  }
}
