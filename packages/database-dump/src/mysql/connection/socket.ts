import { Duplex } from 'node:stream';
import { LcbError } from '@lcb/core';
import type { Connection } from 'mysql2';

/** What the driver reads from and writes to: encrypted where the connection is. Not among its types. */
export function socketOf(connection: Connection): Duplex {
  const stream: unknown = 'stream' in connection ? connection.stream : undefined;
  if (stream instanceof Duplex) return stream;
  throw new LcbError({ code: 'internal', message: 'The driver of MySQL has no socket.' });
}
