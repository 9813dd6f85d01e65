import type { ImportRequest } from '@lcb/core';
import { Skipped } from '../../guard/skipped.ts';
import { sqlFailed } from '../../guard/sql-failed.ts';
import { liftTimeLimits, readServer } from '../catalog/server.ts';
import type { Session } from '../connection/session.ts';
import { AgreedReading } from '../guard/agreed-reading.ts';
import { guardMysqlDump } from '../guard/guard-dump.ts';

/** Runs a stranger's dump statement by statement, each one judged before it is sent. The session is the guest's, for raw bytes. */
export async function loadItems(
  { source, name, onNotice }: Pick<ImportRequest, 'source' | 'name' | 'onNotice'>,
  session: Session,
): Promise<void> {
  const server = await readServer(session);
  await liftTimeLimits(session, server);
  const skipped = new Skipped();
  const reading = new AgreedReading(session);
  for await (const item of guardMysqlDump(source, { name, server, target: session.endpoint.database })) {
    if (item.kind === 'skipped') {
      skipped.add(item, item.why);
      continue;
    }
    reading.assertReadable(item.statement, item);
    try {
      await session.runBytes(item.bytes);
    } catch (error) {
      throw sqlFailed(error, item);
    }
    await reading.assertUnchanged(item.statement, item);
  }
  for (const notice of skipped.notices()) onNotice?.(notice);
}
