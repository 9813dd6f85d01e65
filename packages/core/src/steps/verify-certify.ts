import type { Verdict } from '../consistency/certificate.ts';
import { certifyLoaded } from '../consistency/certify-loaded.ts';
import { readCertificate } from '../consistency/read-certificate.ts';
import { IntegrityError } from '../errors/errors.ts';
import { intervalOf } from '../model/interval.ts';
import type { OperationHandle } from '../model/operation.ts';
import { environmentPrefix, restoreCertificatePaths } from '../repository/layout.ts';
import { isIndexWhole } from '../verify/sampled-keys.ts';
import type { Polled } from '../workflow/step-table.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { exportedRowsSchema, keepRows, readRows, rowsFolder } from './exported-rows.ts';
import { followOperation } from './follow-operation.ts';
import { isDamage } from './refusal.ts';
import { projectOf, type StepContext } from './step-context.ts';
import { openVerified, orDamaged, type VerifySource } from './verify-source.ts';

/** Reads the library's rows of the scratch database. */
export async function startScratchRows(
  input: WorkflowInput & { readonly attempt: number },
  context: StepContext,
): Promise<OperationHandle> {
  const { backup, scratch } = await openVerified(input, context);
  return context.provider.exportLibraryRows({
    runId: input.runId,
    attempt: input.attempt,
    database: scratch,
    location: backup.location,
    prefix: environmentPrefix(backup),
    folder: rowsFolder(input.runId, input.attempt),
  });
}

export async function pollScratchRows(
  input: WorkflowInput & { readonly handle: OperationHandle },
  context: StepContext,
): Promise<Polled> {
  return followOperation(input.handle, context, {
    result: exportedRowsSchema,
    async onSucceeded(rows) {
      const { backup } = await openVerified(input, context);
      await keepRows({ ...backup, runId: input.runId }, rows, context);
      return undefined;
    },
  });
}

/** Makes the backup's certificate again, of the rows that were loaded. @throws IntegrityError `verify.certificateDiffers` */
export async function certifyScratch(
  input: WorkflowInput,
  context: StepContext,
): Promise<{ verdict: Verdict }> {
  const source = await openVerified(input, context);
  const { run, backup, store } = source;
  const prefix = environmentPrefix(backup);
  const paths = restoreCertificatePaths(run.runId);
  const { certificate, difference } = await certify(source, context);
  const { verdict, counts } = certificate;
  const { missing, wrongSize, unreferenced } = counts;
  const { restored } = run.result ?? {};
  if (restored !== undefined) {
    await projectOf(context, input).addVerification(context.lease, {
      restored: {
        ...restored,
        certificate: { verdict, missing, wrongSize, unreferenced, path: prefix + paths.path },
      },
    });
  }
  if (difference === undefined) return { verdict };
  throw new IntegrityError(
    `${difference} ${prefix + paths.path} in ${store.location} says more.`,
    'verify.certificateDiffers',
  );
}

async function certify(source: VerifySource, context: StepContext) {
  const { run, manifest, dump, backup, store } = source;
  const { clock, signal } = context;
  const prefix = environmentPrefix(backup);
  const place = { store, prefix, ...restoreCertificatePaths(run.runId) };
  const artefacts = await readRows({ ...backup, runId: run.runId }, context);
  const moment = intervalOf(run.startedAt ?? run.requestedAt, clock.now());
  try {
    return await certifyLoaded({
      place,
      rows: { store, prefix, artefacts },
      rowsSource: { from: 'restoredDatabase', exact: true, caveats: [], moment },
      store,
      backup,
      manifest,
      dump,
      signal,
    });
  } catch (error) {
    // The rows are the run's own; of what belongs to the backup, the index and the certificate were read.
    const isOfBackup = isDamage(error) && !(await isWhole(source, signal));
    if (!isOfBackup) throw error;
    return orDamaged(() => Promise.reject(error));
  }
}

async function isWhole({ manifest, backup, store }: VerifySource, signal: AbortSignal): Promise<boolean> {
  try {
    await readCertificate(store, backup, manifest);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return false;
  }
  return isIndexWhole(store, manifest, signal);
}
