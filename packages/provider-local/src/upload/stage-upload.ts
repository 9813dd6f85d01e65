import { rm, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  type DatabaseEngine,
  type DumpFormat,
  databaseConnectionSchema,
  runIdSchema,
  UnsupportedError,
  type Uploaded,
  uploadSchema,
} from '@lcb/core';
import { z } from 'zod';
import type { JobContext } from '../jobs/run-job.ts';
import { type LocalServices, openConnection } from '../provider/job-handlers.ts';
import { compressionOf, UploadFile } from './open-upload.ts';
import { unpackLibrary } from './unpack-library.ts';

/** What an import job is told. */
export const importJobSchema = z.object({
  runId: runIdSchema,
  upload: uploadSchema,
  scratch: databaseConnectionSchema.optional(),
  like: z.string().optional(),
  /** Where an archive is unpacked. */
  folder: z.string(),
});
type ImportJob = z.infer<typeof importJobSchema>;

/** No library has more files, and none shrinks to less than a hundredth when it is packed. */
const mostFiles = 10_000_000;
const largestRatio = 100;
const alwaysAllowedBytes = 2 ** 30;

/** Loads an uploaded dump into the scratch database and unpacks an uploaded archive, from the beginning on every try. */
export async function stageUpload(
  job: ImportJob,
  context: JobContext,
  services: LocalServices,
): Promise<Uploaded> {
  const notices: string[] = [];
  const dump =
    job.upload.dump === undefined ? {} : { dump: await importDump(job, notices, context, services) };
  const library =
    job.upload.library === undefined ? {} : { library: await stageLibrary(job, context, services) };
  return { ...dump, ...library, notices };
}

async function importDump(
  { upload: { dump }, scratch, like, runId }: ImportJob,
  notices: string[],
  context: JobContext,
  services: LocalServices,
): Promise<NonNullable<Uploaded['dump']>> {
  if (dump === undefined || scratch === undefined || like === undefined)
    throw new TypeError('An import of a dump is told where to.');
  const engine = services.engineOf(scratch.engine);
  const connection = await openConnection(scratch, services.secrets);
  if (engine.createScratch === undefined) throw notForEngine(engine);
  await engine.createScratch(connection, runId, like);
  const file = new UploadFile(dump.path);
  const { signal, onProgress } = context;
  const source = sqlOf(
    dump.format,
    file,
    () => {
      if (engine.readDumpArchive === undefined) throw notForEngine(engine);
      return engine.readDumpArchive({ connection, path: dump.path, signal });
    },
    signal,
  );
  await engine.importDump({
    connection,
    source,
    name: file.name,
    signal,
    onProgress,
    onNotice: (notice) => notices.push(notice),
  });
  if (dump.format === 'custom' || dump.format === 'tar') await file.readThrough();
  return { ...file.described(), format: dump.format };
}

function sqlOf(
  format: DumpFormat,
  file: UploadFile,
  fromArchive: () => AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  switch (format) {
    case 'plain':
      return file.read('none', signal);
    case 'gzip':
    case 'zstd':
      return file.read(format, signal);
    case 'custom':
    case 'tar':
      return fromArchive();
  }
}

function notForEngine({ engine }: DatabaseEngine): UnsupportedError {
  return new UnsupportedError(
    `Dumps of ${engine} are not taken in this form yet. Upload plain SQL, or the library alone.`,
  );
}

async function stageLibrary(
  { upload: { library }, folder }: ImportJob,
  { signal }: JobContext,
  services: LocalServices,
): Promise<NonNullable<Uploaded['library']>> {
  if (library === undefined) throw new TypeError('There is no library to stage.');
  if ('location' in library) {
    const path = library.location.startsWith('file://') ? fileURLToPath(library.location) : library.location;
    return { kind: 'folder', name: basename(path) };
  }
  const file = new UploadFile(library.archive);
  await rm(folder, { recursive: true, force: true });
  await unpackLibrary({
    source: file.read(await compressionOf(library.archive), signal),
    archive: file.name,
    target: services.openStore(pathToFileURL(folder).href),
    limits: {
      files: mostFiles,
      bytes: Math.max(alwaysAllowedBytes, (await stat(library.archive)).size * largestRatio),
    },
    signal,
  });
  return { kind: 'archive', ...file.described() };
}
