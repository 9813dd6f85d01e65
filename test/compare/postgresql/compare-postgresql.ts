import type { Client } from 'pg';
import type { DatabaseFigures } from '../database-figures.ts';
import type { DifferenceLog } from '../difference-log.ts';
import { compareDefinitions } from './compare-definitions.ts';
import { compareLargeObjects } from './compare-large-objects.ts';
import { compareRows } from './compare-rows.ts';
import { compareSequences } from './compare-sequences.ts';
import { openSession } from './session.ts';

/** Compares two PostgreSQL databases in everything but their name, owners and privileges. */
export async function comparePostgresql(
  urlA: string,
  urlB: string,
  log: DifferenceLog,
): Promise<{ readonly a: DatabaseFigures; readonly b: DatabaseFigures }> {
  const a = await openSession(urlA);
  try {
    const b = await openSession(urlB);
    try {
      return await compareDatabases(a, b, log);
    } finally {
      await b.end();
    }
  } finally {
    await a.end();
  }
}

async function compareDatabases(a: Client, b: Client, log: DifferenceLog) {
  const definitions = await compareDefinitions(a, b, log);
  const rows = await compareRows(a, b, log);
  await compareSequences(a, b, log);
  const largeObjects = await compareLargeObjects(a, b, log);
  return {
    a: { definitions: definitions.a, rows: rows.a, largeObjects: largeObjects.a },
    b: { definitions: definitions.b, rows: rows.b, largeObjects: largeObjects.b },
  };
}
