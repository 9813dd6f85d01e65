import { z } from 'zod';
import { PreconditionFailedError } from '../errors/errors.ts';
import type { Copy } from '../model/run.ts';
import { describeJson, readJson } from '../repository/json-artefact.ts';
import { checksPath, indexPath, manifestKey } from '../repository/layout.ts';
import { libraryIndexSchema } from '../repository/library-index.ts';
import { checkSchema, type Manifest, manifestSchema } from '../repository/manifest.ts';
import { findManifest, openManifest } from '../repository/open-manifest.ts';
import { signDocument, type VerifiedDocument } from '../repository/signed-document.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { type CopySource, openCopySource } from './copy-source.ts';
import { projectOf, type StepContext } from './step-context.ts';

/** Signs and writes the copy's manifest, once. From here on the copy exists. */
export async function sealCopy(
  input: WorkflowInput,
  context: StepContext,
): Promise<{ manifestSha256: string }> {
  const source = await openCopySource(input, context);
  const { to, backup } = source;
  let sealed = await findManifest(to, backup, backup.backupId, await context.trustedKeys());
  if (sealed === undefined) {
    const manifest = await compose(source, context);
    const bytes = await signDocument(context.signer, context.clock, 'lcb-manifest', manifest);
    await context.catalog.platform.checkLease(context.lease);
    try {
      const key = manifestKey(backup, backup.backupId);
      await to.put(key, bytes, { ifNoneMatch: '*', contentType: 'application/json' });
    } catch (error) {
      if (!(error instanceof PreconditionFailedError)) throw error;
    }
    // A key that was made for this very signature is trusted from now on, so the keys are asked for again.
    sealed = await openManifest(to, backup, backup.backupId, await context.trustedKeys());
  }
  await recordCopy(input, context, sealed);
  return { manifestSha256: sealed.sha256 };
}

export async function recordCopy(
  input: WorkflowInput,
  context: StepContext,
  { value, sha256 }: VerifiedDocument<Manifest>,
): Promise<void> {
  const { attempt, sealedAt, dataTime, base } = value;
  const sealed = { manifestSha256: sha256, attempt, sealedAt, dataTime, base };
  await projectOf(context, input).setSealed(context.lease, sealed);
}

/** The backup's own manifest, with what is different about the copy. It refers to nothing outside of its folder. */
async function compose(source: CopySource, context: StepContext): Promise<Manifest> {
  const { copy, manifest, backup, to, prefix } = source;
  const { baseRefused: _baseRefused, ...kept } = manifest;
  const { documentLibrary } = manifest.units;
  const checks = await readJson(to, prefix + checksPath(backup.attempt), z.array(checkSchema));
  return manifestSchema.parse({
    ...kept,
    location: copy.request.to,
    base: null,
    previous: await previousCopy(source, context),
    copiedFrom: {
      location: copy.request.backup.location,
      manifestSha256: source.manifestSha256,
      sealedAt: manifest.sealedAt,
      copyId: copy.runId,
      initiator: copy.request.initiator,
    },
    sealedAt: context.clock.now(),
    serviceVersion: context.serviceVersion,
    units: {
      ...manifest.units,
      ...(documentLibrary === undefined
        ? {}
        : { documentLibrary: await copiedLibrary(source, documentLibrary) }),
    },
    checks: [...manifest.checks, ...checks],
  });
}

async function copiedLibrary(
  { to, prefix, backup }: CopySource,
  unit: NonNullable<Manifest['units']['documentLibrary']>,
) {
  const path = indexPath(backup.attempt);
  const { value: index, artefact } = await describeJson(to, prefix, path, libraryIndexSchema);
  const { copiedObjects, copiedBytes, references } = index;
  return { ...unit, index: artefact, copiedObjects, copiedBytes, references };
}

/** The copy into the same location that was sealed last: its manifest's hash chains this one to it. */
async function previousCopy({ copy }: CopySource, context: StepContext): Promise<Manifest['previous']> {
  const project = projectOf(context, copy);
  const { environment, request } = copy;
  let last: { readonly backupId: string; readonly sealed: NonNullable<Copy['sealed']> } | undefined;
  let pageToken: string | undefined;
  do {
    const token = pageToken === undefined ? {} : { pageToken };
    const page = await project.runs({ kind: 'copy', environment, limit: 100, ...token });
    for (const run of page.runs) {
      if (run.kind !== 'copy' || run.sealed === undefined || run.runId === copy.runId) continue;
      if (run.request.to !== request.to) continue;
      // By the time of the seal and not of the request, which somebody else's clock gave.
      if (last === undefined || run.sealed.sealedAt > last.sealed.sealedAt)
        last = { backupId: run.request.backupId, sealed: run.sealed };
    }
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
  return last === undefined ? null : { backupId: last.backupId, sha256: last.sealed.manifestSha256 };
}
