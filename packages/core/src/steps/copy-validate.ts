import { IntegrityError } from '../errors/errors.ts';
import { readIndexParts } from '../library/base.ts';
import { checkCopy } from '../library/restore-part.ts';
import { readJson, verifyArtefact, writeJsonArtefact } from '../repository/json-artefact.ts';
import { checksPath, indexPath } from '../repository/layout.ts';
import { libraryIndexSchema } from '../repository/library-index.ts';
import type { Check } from '../repository/manifest.ts';
import { check } from '../validation/check.ts';
import { copiesPresent } from '../validation/copies-present.ts';
import { sample } from '../validation/sample.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { artefactsToCopy, type CopySource, openCopySource } from './copy-source.ts';
import { projectOf, type StepContext } from './step-context.ts';

/** Objects that are read back whole, as after a backup. */
const sampleSize = 10;

/** Reads back what was copied, before the copy counts. What is not as it must be throws, naming the file. */
export async function validateCopy(input: WorkflowInput, context: StepContext): Promise<{ checks: number }> {
  const source = await openCopySource(input, context);
  await projectOf(context, input).setState(context.lease, 'Validating');
  const checks = [await readArtefactsBack(source, context)];
  if (source.manifest.units.documentLibrary !== undefined)
    checks.push(...(await checkLibrary(source, context)));
  const failed = checks.find(({ ok }) => !ok);
  if (failed !== undefined) {
    throw new IntegrityError(
      `The copy is not whole: ${failed.name}: expected ${failed.expected}, found ${failed.measured}.`,
      'copy.differs',
    );
  }
  const path = checksPath(source.backup.attempt);
  await writeJsonArtefact(source.to, source.prefix, path, checks);
  return { checks: checks.length };
}

async function readArtefactsBack(source: CopySource, { clock }: StepContext): Promise<Check> {
  const unit = source.manifest.units.database === undefined ? 'documentLibrary' : 'database';
  return check(clock, unit, 'copy.readBack', async () => {
    const artefacts = await artefactsToCopy(source);
    for (const artefact of artefacts) await verifyArtefact(source.to, source.prefix, artefact);
    return {
      ok: true,
      expected: `${artefacts.length} artefacts with their hashes`,
      measured: 'all as in the backup',
    };
  });
}

async function checkLibrary(
  { manifest, backup, to, prefix }: CopySource,
  { clock, signal }: StepContext,
): Promise<readonly Check[]> {
  const index = await readJson(to, prefix + indexPath(backup.attempt), libraryIndexSchema);
  const rows = () => readIndexParts(to, prefix, index.parts);
  const { documentLibrary: expected } = manifest.units;
  const checks = [
    await check(clock, 'documentLibrary', 'copy.library', () => ({
      ok: index.objects === expected?.objects && index.bytes === expected.bytes,
      expected: `${expected?.objects} objects of ${expected?.bytes} bytes`,
      measured: `${index.objects} objects of ${index.bytes} bytes`,
    })),
    // Each write was answered as done; whether all of it is there is what a listing says.
    await check(clock, 'documentLibrary', 'copy.copiesPresent', () =>
      copiesPresent({ store: to, backup, rows: rows(), copies: index.objects, signal }),
    ),
  ];
  // What is not there can't be read: the listing has more to say of it.
  if (checks.some(({ ok }) => !ok)) return checks;
  const readBack = await check(clock, 'documentLibrary', 'copy.sampleReadBack', async () => {
    const picked = await sample(rows(), sampleSize, backup.backupId);
    for (const row of picked) await checkCopy(to, backup, row);
    return {
      ok: true,
      expected: `${picked.length} random objects read back with their hashes`,
      measured: 'all as in the backup',
    };
  });
  return [...checks, readBack];
}
