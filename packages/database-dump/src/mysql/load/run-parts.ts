import { type DumpPart, LcbError, type LoadRequest } from '@lcb/core';
import { isOfText } from '../../guard/is-of-text.ts';
import { Progress } from '../../stream/progress.ts';
import { readCompressed, verified, verifyArtefact } from '../../stream/verified-read.ts';
import type { Server } from '../catalog/server.ts';
import type { ClientTools } from '../client-tools.ts';
import type { Endpoint } from '../connection/endpoint.ts';
import { withSession } from '../connection/session.ts';
import { withGuest } from '../guest/with-guest.ts';
import { loadItems } from '../import/load-items.ts';
import type { DatabaseNames } from '../scanner/database-names.ts';
import { fitStatements } from './fit-statements.ts';
import { runClient } from './run-client.ts';

export interface PartsRun {
  readonly server: Server;
  readonly tools: ClientTools;
  readonly names: DatabaseNames;
  /** Scheduled events, or all else. */
  readonly isEvents: boolean;
  readonly signal: AbortSignal;
}

/** Loads parts of the dump, each into its database. */
export async function runParts(request: LoadRequest, endpoint: Endpoint, run: PartsRun): Promise<void> {
  const { store, backupPrefix: prefix, dump } = request;
  const { names, server, isEvents, signal } = run;
  const progress = new Progress(request.onProgress, dump.bytes);
  const load = request.untrusted === true ? loadAsGuest : loadByClient;
  for (const part of dump.parts) {
    if ((part.events === true) !== isEvents) continue;
    const database = names.get(part.schema ?? dump.database);
    if (database === undefined) throw foreignPart(part);
    const plain = readCompressed({ store, prefix, artefact: part }, part.compression, signal);
    const expected = { bytes: part.uncompressedBytes, sha256: part.uncompressedSha256 };
    const whole = verified(plain, expected, prefix + part.path, (bytes) => progress.add(bytes));
    const source = fitStatements(whole, { names, heedsCase: true, target: server });
    try {
      await load({ ...endpoint, database }, { source, name: part.path, run });
    } catch (error) {
      signal.throwIfAborted();
      // Damaged bytes can look like SQL that fails before their end is reached: then the damage is what is to be said.
      if (isOfText(error)) await verifyArtefact({ store, prefix, artefact: part }, signal);
      throw error;
    }
  }
  progress.flush();
}

interface PartLoad {
  readonly source: AsyncIterable<Uint8Array>;
  /** Of the part, for messages. */
  readonly name: string;
  readonly run: PartsRun;
}

function loadByClient(endpoint: Endpoint, { source, run: { tools, signal } }: PartLoad): Promise<void> {
  return runClient({ tools, endpoint, database: endpoint.database, source, signal });
}

/** Renamed first and judged then: what is lexed is what is sent. */
function loadAsGuest(endpoint: Endpoint, { source, name, run: { signal } }: PartLoad): Promise<void> {
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
