import { IntegrityError, NotFoundError } from '../errors/errors.ts';
import type { Copy } from '../model/run.ts';
import type { AttemptRef } from '../ports/backup-provider.ts';
import type { Artefact } from '../ports/database-engine.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { artefactsOf } from '../repository/artefacts.ts';
import { readJsonArtefact } from '../repository/json-artefact.ts';
import { backupPrefix } from '../repository/layout.ts';
import { type LibraryIndex, libraryIndexSchema } from '../repository/library-index.ts';
import type { Manifest } from '../repository/manifest.ts';
import { openManifest } from '../repository/open-manifest.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { loadCopy, projectOf, type StepContext } from './step-context.ts';

export interface CopySource {
  readonly copy: Copy;
  readonly manifest: Manifest;
  readonly manifestSha256: string;
  /** The backup where it lies; the copy has the same attempt. */
  readonly backup: AttemptRef;
  /** `…/backups/{backupId}/`, in both locations. */
  readonly prefix: string;
  readonly from: ObjectStore;
  readonly to: ObjectStore;
}

/** Opens the backup that is copied: signature, identity, and that it is the very one that was sealed, and not deleted. */
export async function openCopySource(input: WorkflowInput, context: StepContext): Promise<CopySource> {
  const copy = await loadCopy(context, input);
  const { projectId, backupId, backup, to } = copy.request;
  const ref = { projectId, environment: backup.environment };
  const from = context.provider.objectStore(backup.location);
  const { value: manifest, sha256 } = await openManifest(from, ref, backupId, await context.trustedKeys());
  const known = await projectOf(context, input).run(backupId);
  if (known?.kind === 'backup' && known.request.source.backups.location === backup.location) {
    if (known.deletedAt !== undefined)
      throw new NotFoundError(`${backupId} was deleted on ${known.deletedAt}.`, 'backup.deleted');
    if (known.sealed !== undefined && known.sealed.manifestSha256 !== sha256) {
      throw new IntegrityError(
        `The manifest of ${backupId} in ${backup.location} is signed, but it is not the one that was sealed: another one was put in its place.`,
        'manifest.replaced',
      );
    }
  }
  return {
    copy,
    manifest,
    manifestSha256: sha256,
    backup: { ...ref, backupId, attempt: manifest.attempt, location: backup.location },
    prefix: backupPrefix(ref, backupId),
    from,
    to: context.provider.objectStore(to),
  };
}

export async function indexOf({ manifest, from, prefix }: CopySource): Promise<LibraryIndex | undefined> {
  const { documentLibrary } = manifest.units;
  if (documentLibrary === undefined) return undefined;
  return readJsonArtefact(from, prefix, documentLibrary.index, libraryIndexSchema);
}

/** What is copied byte for byte: all that hangs from the manifest but the index, which gets new places of the copies. */
export async function artefactsToCopy(source: CopySource): Promise<readonly Artefact[]> {
  const index = await indexOf(source);
  const rewritten = new Set([
    source.manifest.units.documentLibrary?.index.path,
    ...(index?.parts ?? []).map(({ path }) => path),
  ]);
  return (await artefactsOf(source.from, source.manifest)).filter(({ path }) => !rewritten.has(path));
}
