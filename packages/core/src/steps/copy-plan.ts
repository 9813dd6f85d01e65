import { InvalidRequestError } from '../errors/errors.ts';
import { type Unit, unitSchema } from '../model/unit.ts';
import { verifyArtefact } from '../repository/json-artefact.ts';
import { findManifest } from '../repository/open-manifest.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { artefactsToCopy, type CopySource, indexOf, openCopySource } from './copy-source.ts';
import { refuseNesting } from './refuse-nesting.ts';
import { projectOf, type StepContext } from './step-context.ts';

/** Makes sure that the backup is whole as far as its lists say, and that its copy would be in nobody's way. */
export async function planCopy(
  input: WorkflowInput,
  context: StepContext,
): Promise<{ artefacts: number; parts: number; shardsAtOnce: number }> {
  const project = projectOf(context, input);
  await project.setState(context.lease, 'InProgress');
  const source = await openCopySource(input, context);
  await refuseForeignPlace(source, context);
  await refuseExisting(source, context);
  const artefacts = await artefactsToCopy(source);
  const index = await indexOf(source);
  for (const part of index?.parts ?? []) await verifyArtefact(source.from, source.prefix, part);
  for (const unit of unitsOf(source)) {
    await project.setUnit(context.lease, unit, { state: 'InProgress', startedAt: context.clock.now() });
  }
  return {
    artefacts: artefacts.length,
    parts: index?.parts.length ?? 0,
    shardsAtOnce: context.shardsAtOnce,
  };
}

function unitsOf({ manifest }: Pick<CopySource, 'manifest'>): readonly Unit[] {
  return unitSchema.options.filter((unit) => unit !== 'search' && manifest.units[unit] !== undefined);
}

async function refuseForeignPlace({ copy, manifest }: CopySource, context: StepContext): Promise<void> {
  const { backup, to, projectId } = copy.request;
  refuseNesting('The backup and its copy', backup.location, to);
  const library = manifest.units.documentLibrary?.source;
  if (library !== undefined) refuseNesting('The copy and the library that was backed up', to, library);
  for (const declared of await context.catalog.forProject(projectId).environments()) {
    const { documentLibrary, environment } = declared;
    if (documentLibrary === undefined) continue;
    refuseNesting(`The copy and the library of ${projectId}/${environment}`, to, documentLibrary.location);
  }
}

/** A copy that is there is never written over. One that this very run has sealed is no other. */
async function refuseExisting({ copy, backup, to }: CopySource, context: StepContext): Promise<void> {
  const found = await findManifest(to, backup, backup.backupId, await context.trustedKeys());
  if (found === undefined || found.value.copiedFrom?.copyId === copy.runId) return;
  throw new InvalidRequestError(
    `${to.location} holds ${backup.backupId} already, sealed at ${found.value.sealedAt}. Verify that one, or copy to another location.`,
    'copy.exists',
  );
}
