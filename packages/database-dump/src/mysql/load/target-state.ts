import type { TargetState } from '@lcb/core';
import { findDatabase, listDatabases } from '../catalog/databases.ts';
import type { Server } from '../catalog/server.ts';
import type { Session } from '../connection/session.ts';
import { isEmpty } from './empty-database.ts';
import { type Mark, readMarks } from './mark.ts';

/** What is where a restore wants to write. */
export interface Target {
  readonly name: string;
  readonly state: TargetState;
  readonly mark: Mark | undefined;
}

export async function readTargets(
  session: Session,
  server: Server,
  names: Iterable<string>,
  runId: string,
): Promise<Target[]> {
  const databases = await listDatabases(session);
  const marks = await readMarks(session);
  const targets: Target[] = [];
  for (const name of names) {
    const found = findDatabase(databases, name, server);
    const mark = found && marks.get(found.name);
    targets.push({ name, mark, state: found ? await stateOf(session, found.name, mark, runId) : 'absent' });
  }
  return targets;
}

async function stateOf(
  session: Session,
  name: string,
  mark: Mark | undefined,
  runId: string,
): Promise<TargetState> {
  // Another run's database is its own, even while there is nothing in it yet.
  if (mark?.runId !== undefined) return mark.runId === runId ? 'ownedByRun' : 'occupied';
  return (await isEmpty(session, name)) ? 'empty' : 'occupied';
}
