import { InvalidRequestError } from '../errors/errors.ts';
import type { OperationHandle } from '../model/operation.ts';
import type { Backup } from '../model/run.ts';
import { type Uploaded, uploadedSchema } from '../model/upload.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { readJson, writeJsonArtefact } from '../repository/json-artefact.ts';
import { attemptFolder, backupPrefix } from '../repository/layout.ts';
import type { Polled } from '../workflow/step-table.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { followOperation, showProgress } from './follow-operation.ts';
import { scratchOf, stagingOf } from './staged-upload.ts';
import { loadBackup, loadUpload, type StepContext } from './step-context.ts';

/** An upload is staged once, whichever attempt of the backup it serves. */
const uploadedPath = `${attemptFolder(1)}upload.json`;

/** Starts staging what was uploaded, or finds the try that was started before. */
export async function startImport(
  input: WorkflowInput & { readonly attempt: number },
  context: StepContext,
): Promise<OperationHandle> {
  const { request, runId } = await loadUpload(context, input);
  const { upload, source } = request;
  if (upload === undefined) throw new InvalidRequestError(`${runId} has no upload.`);
  const scratch = scratchOf({ runId, request });
  return stagingOf(context.provider).stage({
    runId,
    attempt: input.attempt,
    upload,
    ...(scratch === undefined || source.database === undefined
      ? {}
      : { scratch, like: decodeURIComponent(new URL(source.database.url).pathname.slice(1)) }),
  });
}

/** Looks at it; when it has ended well, what the upload was is kept for the manifest. */
export async function pollImport(
  input: WorkflowInput & { readonly handle: OperationHandle },
  context: StepContext,
): Promise<Polled> {
  const { runId, request, units } = await loadBackup(context, input);
  return followOperation(input.handle, context, {
    result: uploadedSchema,
    ...(units.database === undefined ? {} : { onProgress: showProgress(context, input, 'database') }),
    async onSucceeded(uploaded) {
      const store = context.provider.objectStore(request.source.backups.location);
      await writeJsonArtefact(store, backupPrefix(request, runId), uploadedPath, uploaded);
      return undefined;
    },
  });
}

/** For the manifest: what the backup was made from. */
export async function uploadedOf(
  { request }: Backup,
  store: ObjectStore,
  prefix: string,
): Promise<{ readonly uploaded?: Uploaded }> {
  if (request.upload === undefined) return {};
  return { uploaded: await readJson(store, prefix + uploadedPath, uploadedSchema) };
}

/** Whatever happened: nothing that was staged outlives the run. */
export async function discardUpload(input: WorkflowInput, context: StepContext): Promise<void> {
  const { request, runId } = await loadUpload(context, input);
  if (request.upload === undefined || context.provider.uploads === undefined) return;
  await context.provider.uploads.discard(runId, scratchOf({ runId, request }));
}
