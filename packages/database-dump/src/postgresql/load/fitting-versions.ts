import { LcbError } from '@lcb/core';
import type { ClientTools } from '../client-tools.ts';

interface Version {
  readonly major: number;
  readonly minor: number;
}

/** First minor releases whose `pg_dump` writes `\restrict` and whose psql understands it (August 2025, CVE-2025-8714). */
const RESTRICT_SINCE: ReadonlyMap<number, number> = new Map([
  [13, 22],
  [14, 19],
  [15, 14],
  [16, 10],
  [17, 6],
]);
/** `pg_dump` writes `SET transaction_timeout` from this major on, whatever server it dumps; older servers refuse it. */
const TRANSACTION_TIMEOUT_SINCE = 17;

/** What the dump says of the server and the tool that it comes from, and what is there to load it with. */
export interface LoadVersions {
  readonly dumpServer: string;
  /** Such as `pg_dump (PostgreSQL) 15.18 (Debian …)`. */
  readonly dumpTool: string;
  readonly targetServer: string;
  readonly tools: ClientTools;
}

/** Found before anything is created. @throws LcbError `database.serverTooOld`, `database.toolTooOld` */
export function assertVersionsFit({ dumpServer, dumpTool, targetServer, tools }: LoadVersions): void {
  const [from, to] = [parseVersion(dumpServer), parseVersion(targetServer)];
  if (to.major < from.major) {
    throw serverTooOld(
      `The backup is of PostgreSQL ${dumpServer}, the target server is ${targetServer}: a dump does not load into an older major. Restore to PostgreSQL ${from.major} or newer.`,
    );
  }
  const [writer, reader] = [parseVersion(dumpTool), parseVersion(tools.version)];
  if (writer.major >= TRANSACTION_TIMEOUT_SINCE && to.major < TRANSACTION_TIMEOUT_SINCE) {
    throw serverTooOld(
      `The backup was written by ${dumpTool}, whose dumps PostgreSQL ${targetServer} refuses (transaction_timeout). Restore to PostgreSQL ${TRANSACTION_TIMEOUT_SINCE} or newer.`,
    );
  }
  if (reader.major < writer.major || (knowsRestrict(writer) && !knowsRestrict(reader))) {
    throw new LcbError({
      code: 'database.toolTooOld',
      message: `The backup was written by ${dumpTool}, and psql ${tools.version} (${tools.psql}) is too old to read it. Install a PostgreSQL client at least as new.`,
    });
  }
}

function knowsRestrict({ major, minor }: Version): boolean {
  return minor >= (RESTRICT_SINCE.get(major) ?? 0) && major >= 13;
}

function parseVersion(text: string): Version {
  const [, major = '0', minor = '0'] = /(\d+)(?:\.(\d+))?/.exec(text) ?? [];
  return { major: Number(major), minor: Number(minor) };
}

function serverTooOld(message: string): LcbError {
  return new LcbError({ code: 'database.serverTooOld', message });
}
