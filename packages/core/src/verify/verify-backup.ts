import { certificateSchema } from '../consistency/certificate.ts';
import { IntegrityError, ObjectNotFoundError } from '../errors/errors.ts';
import { readIndexParts } from '../library/base.ts';
import { mapOrdered } from '../library/map-ordered.ts';
import { checkCopy } from '../library/restore-part.ts';
import type { EnvironmentRef } from '../model/ids.ts';
import { type Artefact, databaseDumpSchema, tableCountSchema } from '../ports/database-engine.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { TrustedKey } from '../ports/signer.ts';
import { readJsonArtefact, verifyArtefact } from '../repository/json-artefact.ts';
import { readJsonLines } from '../repository/json-lines.ts';
import { backupPrefix } from '../repository/layout.ts';
import { libraryIndexSchema } from '../repository/library-index.ts';
import type { Manifest } from '../repository/manifest.ts';
import { openManifest } from '../repository/open-manifest.ts';
import { readDumpPart } from '../validation/read-dump.ts';

export interface VerifyRequest {
  /** The backup location. Nothing else is needed: no catalog, no service, no source. */
  readonly store: ObjectStore;
  readonly backup: EnvironmentRef & { readonly backupId: string };
  /** Keys that the caller trusts; whatever the location itself says of keys is not believed. */
  readonly trustedKeys: readonly TrustedKey[];
  /** `skip`: the index alone is read, because somebody else reads the copies of many backups in one go. */
  readonly objects?: 'read' | 'skip';
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: { readonly bytes: number; readonly expectedBytes: number }) => void;
}

export interface Verification {
  readonly ok: boolean;
  /** Each names the file that is wrong. The first 100. */
  readonly problems: readonly string[];
  readonly problemCount: number;
  readonly keyId?: string;
  readonly manifestSha256?: string;
  readonly manifest?: Manifest;
  readonly artefacts: number;
  readonly objects: number;
  readonly bytesRead: number;
  /** What lies elsewhere, one sentence each: not read, and so not verified. */
  readonly notVerified: readonly string[];
}

const namedProblems = 100;

/** Reads every byte that a backup consists of and compares it with what was signed. Damage is an answer, not an error. */
export async function verifyBackup(request: VerifyRequest): Promise<Verification> {
  const { store, backup } = request;
  const problems: string[] = [];
  const counts = { artefacts: 0, objects: 0, bytesRead: 0, problemCount: 0 };
  let expectedBytes = 0;

  function found(problem: string): void {
    counts.problemCount += 1;
    if (problems.length < namedProblems) problems.push(problem);
  }
  /** Damage is noted and the next file is looked at; a store that can't be read ends the verification. */
  async function noting(look: () => Promise<void>): Promise<void> {
    request.signal.throwIfAborted();
    try {
      await look();
    } catch (error) {
      if (!(error instanceof IntegrityError || error instanceof ObjectNotFoundError)) throw error;
      found(error.message);
    }
  }
  function read(bytes: number): void {
    counts.bytesRead += bytes;
    request.onProgress({ bytes: counts.bytesRead, expectedBytes });
  }
  function readArtefact({ bytes }: Artefact): void {
    counts.artefacts += 1;
    read(bytes);
  }

  let document: Awaited<ReturnType<typeof openManifest>>;
  try {
    document = await openManifest(store, backup, backup.backupId, request.trustedKeys);
  } catch (error) {
    if (!(error instanceof IntegrityError || error instanceof ObjectNotFoundError)) throw error;
    found(`manifest.json: ${error.message}`);
    return { ok: false, problems, notVerified: [], ...counts };
  }
  const manifest = document.value;
  const { database, documentLibrary } = manifest.units;
  expectedBytes = (database?.storedBytes ?? 0) + (documentLibrary?.bytes ?? 0);
  const prefix = backupPrefix(backup, backup.backupId);

  if (database !== undefined) {
    await noting(async () => {
      const dump = await readJsonArtefact(store, prefix, database.description, databaseDumpSchema);
      readArtefact(database.description);
      for (const part of dump.parts) {
        await noting(async () => {
          const reading = await readDumpPart(store, prefix, part, request.signal);
          if (!reading.ok) found(reading.problem);
          readArtefact(part);
        });
      }
      await noting(async () => {
        let rows = 0;
        for await (const table of readJsonLines(store, prefix, dump.tables, tableCountSchema))
          rows += table.rows;
        if (rows !== dump.tables.rows)
          found(`${dump.tables.path}: ${rows} rows instead of ${dump.tables.rows}`);
        readArtefact(dump.tables);
      });
      for (const artefact of dump.libraryRows) {
        await noting(async () => {
          await verifyArtefact(store, prefix, artefact);
          readArtefact(artefact);
        });
      }
    });
  }

  if (documentLibrary !== undefined) {
    await noting(async () => {
      const index = await readJsonArtefact(store, prefix, documentLibrary.index, libraryIndexSchema);
      readArtefact(documentLibrary.index);
      let objects = 0;
      let bytes = 0;
      let wholeParts = 0;
      for (const part of index.parts) {
        await noting(async () => {
          // First whether the part is whole: else its rows would accuse objects that are.
          await verifyArtefact(store, prefix, part);
          const rows = readIndexParts(store, prefix, [part]);
          const sizes = mapOrdered(rows, request.concurrency, async (row) => {
            if (request.objects === 'skip') return row.size;
            await noting(() => checkCopy(store, backup, row, read));
            return row.size;
          });
          for await (const size of sizes) {
            objects += 1;
            bytes += size;
          }
          readArtefact(part);
          wholeParts += 1;
        });
      }
      counts.objects = objects;
      // With a part of it damaged that one is at fault, and not the sum.
      const isWhole = wholeParts === index.parts.length;
      if (isWhole && (objects !== documentLibrary.objects || bytes !== documentLibrary.bytes)) {
        found(
          `${documentLibrary.index.path}: ${objects} objects of ${bytes} bytes instead of ${documentLibrary.objects} of ${documentLibrary.bytes}`,
        );
      }
    });
  }
  if (manifest.consistency.certificate !== undefined) {
    const { artefact } = manifest.consistency.certificate;
    await noting(async () => {
      const certificate = await readJsonArtefact(store, prefix, artefact, certificateSchema);
      readArtefact(artefact);
      const { findings } = certificate;
      if (findings === undefined) return;
      await verifyArtefact(store, prefix, findings);
      readArtefact(findings);
    });
  }
  return {
    ok: counts.problemCount === 0,
    problems,
    keyId: document.keyId,
    manifestSha256: document.sha256,
    manifest,
    notVerified: heldElsewhere(manifest),
    ...counts,
  };
}

/** A unit that somebody else holds is never passed as verified. */
export function heldElsewhere({ units: { search } }: Manifest): string[] {
  if (search === undefined) return [];
  return [
    `search: held by the repository ${search.repository.name} of the search cluster, as the snapshot ${search.snapshot}; not verifiable offline.`,
  ];
}
