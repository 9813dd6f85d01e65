import { type DumpPart, LcbError, type LoadRequest } from '@lcb/core';
import { isOfText } from '../../guard/is-of-text.ts';
import type { FailureScope } from '../../stream/failure-scope.ts';
import { Progress } from '../../stream/progress.ts';
import { runBounded } from '../../stream/run-bounded.ts';
import { readCompressed, verified, verifyArtefact } from '../../stream/verified-read.ts';
import type { Server } from '../catalog/server.ts';
import type { ClientTools } from '../client-tools.ts';
import type { Endpoint } from '../connection/endpoint.ts';
import { withSession } from '../connection/session.ts';
import { withGuest } from '../guest/with-guest.ts';
import { loadItems } from '../import/load-items.ts';
import type { DatabaseNames } from '../scanner/database-names.ts';
import { fitRows, fitStatements } from './fit-statements.ts';
import { runClient } from './run-client.ts';

export interface PartsRun {
  readonly server: Server;
  readonly tools: ClientTools;
  readonly names: DatabaseNames;
  /** Scheduled events, or all else. */
  readonly isEvents: boolean;
  /** Clients that load at a time. */
  readonly workers: number;
  readonly scope: FailureScope;
}

/**
 * Loads parts of the dump, each into its database: one after the other as one script, or where they were made for it, and nobody's but
 * ours, rows side by side once all tables are there.
 */
export async function runParts(request: LoadRequest, endpoint: Endpoint, run: PartsRun): Promise<void> {
  const { dump } = request;
  const { isEvents, workers, scope } = run;
  const progress = new Progress(request.onProgress, dump.bytes);
  const parts = dump.parts.filter((part) => (part.events === true) === isEvents);
  const load = (part: DumpPart) => runPart(request, endpoint, { part, run, progress });
  // What a stranger wrote may depend on its order in ways that nobody looked at.
  const isSideBySide = workers > 1 && request.untrusted !== true;
  const rows = isSideBySide ? parts.filter(({ section }) => section === 'data') : [];
  const before = parts.filter((part) => !rows.includes(part) && part.section !== 'postData');
  for (const part of before) await load(part);
  // The largest first: the last one to end keeps only one client busy.
  rows.sort((a, b) => b.uncompressedBytes - a.uncompressedBytes);
  await runBounded(
    scope,
    workers,
    rows.map((part) => () => load(part)),
  );
  for (const part of parts.filter(({ section }) => section === 'postData')) await load(part);
  progress.flush();
}

async function runPart(
  request: LoadRequest,
  endpoint: Endpoint,
  { part, run, progress }: { readonly part: DumpPart; readonly run: PartsRun; readonly progress: Progress },
): Promise<void> {
  const { store, backupPrefix: prefix, dump } = request;
  const { names, server, scope } = run;
  const { signal } = scope;
  const database = names.get(part.schema ?? dump.database);
  if (database === undefined) throw foreignPart(part);
  const plain = readCompressed({ store, prefix, artefact: part }, part.compression, signal);
  const expected = { bytes: part.uncompressedBytes, sha256: part.uncompressedSha256 };
  const whole = verified(plain, expected, prefix + part.path, (bytes) => progress.add(bytes));
  const source =
    part.section === 'data'
      ? fitRows(whole)
      : fitStatements(whole, { names, heedsCase: true, target: server });
  const load = request.untrusted === true ? loadAsGuest : loadByClient;
  try {
    await load({ ...endpoint, database }, { source, name: part.path, run });
  } catch (error) {
    signal.throwIfAborted();
    // Damaged bytes can look like SQL that fails before their end is reached: then the damage is what is to be said.
    if (isOfText(error)) await verifyArtefact({ store, prefix, artefact: part }, signal);
    throw error;
  }
}

interface PartLoad {
  readonly source: AsyncIterable<Uint8Array>;
  /** Of the part, for messages. */
  readonly name: string;
  readonly run: PartsRun;
}

function loadByClient(endpoint: Endpoint, { source, run: { tools, scope } }: PartLoad): Promise<void> {
  const { signal } = scope;
  return runClient({ tools, endpoint, database: endpoint.database, source, signal });
}

/** Renamed first and judged then: what is lexed is what is sent. */
function loadAsGuest(endpoint: Endpoint, { source, name, run }: PartLoad): Promise<void> {
  const { signal } = run.scope;
  return withGuest(endpoint, 'ALL PRIVILEGES', (login) =>
    withSession(login, (session) => loadItems({ source, name }, session), { signal, rawBytes: true }),
  );
}

function foreignPart({ path, schema }: DumpPart): LcbError {
  return new LcbError({
    code: 'database.dumpUnreadable',
    message: `The part ${path} is of the database ${schema}, which the dump does not list. Restore another backup.`,
  });
}
