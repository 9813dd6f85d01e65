import { IntegrityError, InvalidRequestError } from '../errors/errors.ts';
import { LcbError } from '../errors/lcb-error.ts';
import { databaseName } from '../model/project.ts';
import { verifyArtefact } from '../repository/json-artefact.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { projectOf, type StepContext } from './step-context.ts';
import { openVerified, orDamaged, type VerifySource } from './verify-source.ts';

/**
 * Opens the backup, reads what belongs to its database but the dump itself, which the load reads, and makes sure that the
 * server takes it under a name that nobody has.
 */
export async function planVerification(
  input: WorkflowInput,
  context: StepContext,
): Promise<{ certifies: boolean }> {
  const project = projectOf(context, input);
  await project.setState(context.lease, 'InProgress');
  const source = await openVerified(input, context);
  await project.addVerification(context.lease, await lookAtArtefacts(source));
  await refuseUnfitServer(source, context);
  // From here on `finish` drops what there is of the scratch database.
  await project.setUnit(context.lease, 'database', { state: 'InProgress', startedAt: context.clock.now() });
  return { certifies: source.manifest.units.documentLibrary !== undefined };
}

async function lookAtArtefacts({ manifest, dump, store, prefix }: VerifySource) {
  const { tables, libraryRows, parts } = dump;
  for (const artefact of [tables, ...libraryRows]) {
    await orDamaged(() => verifyArtefact(store, prefix, artefact));
  }
  for (const { path, bytes } of parts) {
    const info = await store.head(prefix + path);
    if (info === undefined) throw new IntegrityError(`${path} is missing.`, 'verify.damaged');
    if (info.size !== bytes)
      throw new IntegrityError(`${path} has ${info.size} bytes instead of ${bytes}.`, 'verify.damaged');
  }
  const description = manifest.units.database?.description;
  const all = [...(description === undefined ? [] : [description]), tables, ...libraryRows, ...parts];
  return { artefacts: all.length, bytesRead: all.reduce((sum, { bytes }) => sum + bytes, 0) };
}

async function refuseUnfitServer({ run, dump, scratch }: VerifySource, context: StepContext): Promise<void> {
  const { provider } = context;
  if (scratch.engine !== dump.engine) {
    throw new InvalidRequestError(
      `The backup is of a database of the kind ${dump.engine}, and the server is of the kind ${scratch.engine}. Name one of the backup's kind.`,
    );
  }
  await provider.assertDumpLoadable(scratch, dump);
  const state = await provider.databaseTargetState(scratch, run.runId);
  if (state === 'absent' || state === 'ownedByRun') return;
  throw new LcbError({
    code: 'verify.scratchTaken',
    message: `There is a database ${databaseName(scratch.url)} on the server already, which is not this run's. Look at what it is; a new verification takes another name.`,
  });
}
