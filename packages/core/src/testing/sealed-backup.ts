import { createHash } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { type Certificate, certificateSchema } from '../consistency/certificate.ts';
import { noCounts } from '../consistency/finding.ts';
import { writeCertificate } from '../consistency/write-certificate.ts';
import type { Compression } from '../model/run.ts';
import type { DatabaseDump, DumpPart, TableCount } from '../ports/database-engine.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { TrustedKey } from '../ports/signer.ts';
import { describeJson, writeJsonArtefact } from '../repository/json-artefact.ts';
import { writeJsonLines } from '../repository/json-lines.ts';
import {
  backupPrefix,
  certificatePath,
  databaseFolder,
  dumpDescriptionPath,
  findingsPath,
  manifestKey,
} from '../repository/layout.ts';
import { formatVersion, type Manifest, manifestSchema } from '../repository/manifest.ts';
import { signDocument } from '../repository/signed-document.ts';
import {
  attemptOf,
  type BaseManifest,
  backUpLibrary,
  environment,
  type LibraryBackup,
  signal,
} from './library-backup.ts';
import { sequenceClock } from './sequence-clock.ts';
import { watched } from './streams.ts';
import { type TestSigner, testSigner } from './test-signer.ts';

const at = '2025-11-09T14:30:00.000Z';

export interface SealedBackup {
  readonly backupId: string;
  readonly manifest: Manifest;
  readonly dump: DatabaseDump;
  readonly library: LibraryBackup;
  readonly certificate: Certificate;
  readonly trustedKeys: readonly TrustedKey[];
}

export interface SealOptions {
  readonly source: ObjectStore;
  readonly backups: ObjectStore;
  readonly backupId: string;
  readonly base?: BaseManifest;
  readonly signer?: TestSigner;
  readonly compression?: Compression;
  /** What the dump consists of, one text per part. */
  readonly dumpParts?: readonly string[];
  readonly manifest?: Partial<Manifest>;
}

/** A small but complete backup, made of the same pieces as the workflow's, with a dump described by hand. */
export async function sealBackup(options: SealOptions): Promise<SealedBackup> {
  const { source, backups, backupId, base, signer = testSigner() } = options;
  const limits = { rows: 2, copyBytes: 1_000_000 };
  const library = await backUpLibrary({ source, backups, backupId, base, limits });
  const { dump, description } = await writeDump(options);
  const certificate = await writeCertificateOf(backups, backupId);
  const manifest = manifestSchema.parse({
    format: 'lcb-backup',
    version: formatVersion,
    ...environment,
    backupId,
    location: backups.location,
    attempt: 1,
    type: 'Manual',
    mode: base === undefined ? 'full' : 'incremental',
    base: base?.backupId ?? null,
    previous: null,
    requestedAt: at,
    dataTime: dump.snapshotTime,
    sealedAt: at,
    initiator: 'ada',
    consistency: { strategy: 'databaseFirst', certificate: certificate.summary },
    serviceVersion: '0.0.0',
    units: {
      database: {
        type: 'dump',
        description,
        engine: dump.engine,
        serverVersion: dump.serverVersion,
        tables: dump.tables.count,
        rows: dump.tables.rows,
        sequences: 0,
        largeObjects: 0,
        bytes: dump.bytes,
        storedBytes: dump.storedBytes,
      },
      documentLibrary: library.unit,
    },
    failedUnits: [],
    checks: [],
    ...options.manifest,
  } satisfies Manifest);
  const bytes = await signDocument(signer, sequenceClock(at), 'lcb-manifest', manifest);
  await backups.put(manifestKey(environment, backupId), bytes, { ifNoneMatch: '*' });
  return {
    backupId,
    manifest,
    dump,
    library,
    certificate: certificate.value,
    trustedKeys: [signer.trusted],
  };
}

const counts: readonly TableCount[] = [
  { schema: 'lportal', table: 'company', rows: 1, sourceRows: 1 },
  { schema: 'lportal', table: 'dlfileentry', rows: 3, sourceRows: 3 },
];

/** A dump as an engine would have left it. */
async function writeDump({
  backups,
  backupId,
  compression = 'zstd',
  dumpParts = ['CREATE TABLE', 'COPY'],
}: SealOptions) {
  const prefix = backupPrefix(environment, backupId);
  const folder = databaseFolder(attemptOf(backupId).attempt);
  const parts: DumpPart[] = [];
  for (const [number, text] of dumpParts.entries()) {
    parts.push(
      await writePart(backups, prefix, `${folder}dump-${number}.sql`, Buffer.from(text), compression),
    );
  }
  const { rows: count, ...tables } = await writeJsonLines(
    backups,
    prefix,
    `${folder}tables.jsonl.zst`,
    watched(counts),
    signal,
  );
  const row = { fileEntryId: 1, name: '101' };
  const libraryRows = await writeJsonLines(
    backups,
    prefix,
    `${folder}dlfileentry.jsonl.zst`,
    watched([row]),
    signal,
  );
  const dump: DatabaseDump = {
    engine: 'postgresql',
    serverVersion: '17.0',
    tool: 'pg_dump (PostgreSQL) 17.0',
    database: 'lportal',
    locale: { provider: 'libc', encoding: 'UTF8', collate: 'C', characterType: 'C' },
    settings: [],
    schemas: ['lportal'],
    leftOut: { schemas: [], data: [] },
    moment: 'shared',
    nonTransactional: [],
    snapshotTime: { from: at, to: at },
    parts,
    tables: { ...tables, count, rows: 4, sourceRows: 4 },
    sequences: { count: 0, sourceCount: 0 },
    largeObjects: { count: 0, sourceCount: 0 },
    statements: { parsed: 2, kinds: { 'CREATE TABLE': 1, COPY: 1 }, unrecognised: { count: 0 } },
    libraryRows: [{ ...libraryRows, table: 'DLFileEntry' }],
    bytes: parts.reduce((sum, { uncompressedBytes }) => sum + uncompressedBytes, 0),
    storedBytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
  };
  return { dump, description: await writeJsonArtefact(backups, prefix, dumpDescriptionPath(1), dump) };
}

/** A certificate with one finding: what was compared here is not what the backup holds. */
async function writeCertificateOf(store: ObjectStore, backupId: string) {
  const prefix = backupPrefix(environment, backupId);
  const { attempt } = attemptOf(backupId);
  const place = { store, prefix, path: certificatePath(attempt), findingsPath: findingsPath(attempt) };
  const moment = { from: at, to: at };
  await writeCertificate({
    place,
    counts: noCounts(),
    rows: { from: 'dump', exact: true, caveats: [], moment },
    objects: { from: 'index', location: 'memory://library', listed: moment },
    before: undefined,
    rules: [],
    signal,
    pair: {
      madeBy: 'backup',
      expected: watched([]),
      found: watched([{ key: '20097/20121/1/1.0', size: 1 }]),
      companies: undefined,
      imagesKnown: true,
      before: undefined,
      isExcused: () => false,
    },
  });
  const { value, artefact } = await describeJson(store, prefix, place.path, certificateSchema);
  return { value, summary: { artefact, verdict: value.verdict, counts: value.counts } };
}

async function writePart(
  store: ObjectStore,
  prefix: string,
  path: string,
  content: Buffer,
  compression: Compression,
): Promise<DumpPart> {
  const stored = await store.put(
    prefix + path,
    compression === 'zstd' ? zstdCompressSync(content) : gzipSync(content),
  );
  return {
    path,
    bytes: stored.size,
    sha256: stored.checksum.value,
    compression,
    uncompressedBytes: content.length,
    uncompressedSha256: createHash('sha256').update(content).digest('hex'),
  };
}
