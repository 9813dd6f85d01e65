import { foldIndex } from '../library/fold-index.ts';
import type { ShardProgress } from '../ports/backup-provider.ts';
import type { Artefact } from '../ports/database-engine.ts';
import { verifying } from '../repository/json-lines.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { artefactsToCopy, type CopySource, openCopySource } from './copy-source.ts';
import { projectOf, type StepContext } from './step-context.ts';
import { type ShardPlace, unitProgress } from './unit-progress.ts';

/** Copies what hangs from the manifest, one artefact after the other, for as long as a step may last. */
export async function copyArtefacts(
  input: WorkflowInput & { readonly cursor: number },
  context: StepContext,
): Promise<{ cursor: number | null }> {
  const source = await openCopySource(input, context);
  const artefacts = await artefactsToCopy(source);
  let cursor = input.cursor;
  for (const artefact of artefacts.slice(cursor)) {
    if (cursor > input.cursor && context.isTimeOver()) return { cursor };
    await copyArtefact(source, artefact, context.signal);
    cursor += 1;
  }
  const { database } = source.manifest.units;
  if (database !== undefined) {
    const { bytes, storedBytes } = database;
    await projectOf(context, input).setUnit(context.lease, 'database', { bytes, storedBytes, progress: 100 });
  }
  return { cursor: null };
}

async function copyArtefact(
  { from, to, prefix }: CopySource,
  artefact: Artefact,
  signal: AbortSignal,
): Promise<void> {
  const { info, body } = await from.get(prefix + artefact.path);
  try {
    await to.put(prefix + artefact.path, verifying(artefact)(body), {
      signal,
      ...(info.contentType === undefined ? {} : { contentType: info.contentType }),
    });
  } finally {
    body.destroy();
  }
}

/** Copies the objects of one part of the index. */
export async function copyLibraryPart(
  input: WorkflowInput & ShardPlace & { readonly cursor: number },
  context: StepContext,
): Promise<ShardProgress> {
  const { copy, manifest, backup } = await openCopySource(input, context);
  const { documentLibrary } = manifest.units;
  if (documentLibrary === undefined) throw new TypeError('There is no library to copy.');
  return context.provider.copyObjectStorageBackup(
    { backup, to: copy.request.to, index: documentLibrary.index, part: input.shard, cursor: input.cursor },
    {
      signal: context.signal,
      isTimeOver: context.isTimeOver,
      onCopied: unitProgress(context, input, 'documentLibrary', documentLibrary.bytes, input),
    },
  );
}

/** Adds the parts up to the copy's own index. */
export async function foldCopiedIndex(
  input: WorkflowInput & { readonly parts: number },
  context: StepContext,
): Promise<{ objects: number }> {
  const { backup, to } = await openCopySource(input, context);
  const { objects, bytes } = await foldIndex(to, backup, input.parts);
  await projectOf(context, input).setUnit(context.lease, 'documentLibrary', {
    objects,
    bytes,
    storedBytes: bytes,
    progress: 100,
  });
  return { objects };
}
