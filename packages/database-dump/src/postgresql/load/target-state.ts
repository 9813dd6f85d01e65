import type { TargetState } from '@lcb/core';
import { z } from 'zod';
import { isOfExtension, isUserSchema } from '../catalog/user-objects.ts';
import type { Endpoint } from '../connection/endpoint.ts';
import { type Session, withSession } from '../connection/session.ts';
import { isUntrusted, type Mark, parseMark } from '../mark/mark.ts';

/** What is where a restore wants to write. */
export interface Target {
  readonly state: TargetState;
  readonly mark: Mark | undefined;
  /** See {@link Mark}; also where the comment is not a restore's. */
  readonly untrusted: boolean;
  /** Of a database that is there. */
  readonly encoding: string | undefined;
}

const databaseRow = z.object({ comment: z.string().nullable(), encoding: z.string() });

/** @param maintenance a session in another database of the same server. */
export async function readTarget(maintenance: Session, endpoint: Endpoint, runId: string): Promise<Target> {
  const [found] = await maintenance.query(
    databaseRow,
    `SELECT shobj_description(oid, 'pg_database') AS comment, pg_encoding_to_char(encoding) AS encoding
     FROM pg_database WHERE datname = $1`,
    [endpoint.database],
  );
  if (!found) return { state: 'absent', mark: undefined, untrusted: false, encoding: undefined };
  const mark = parseMark(found.comment);
  const untrusted = isUntrusted(found.comment);
  return { state: await stateOf(endpoint, mark, runId), mark, untrusted, encoding: found.encoding };
}

async function stateOf(endpoint: Endpoint, mark: Mark | undefined, runId: string): Promise<TargetState> {
  // Another run's database is its own, even while there is nothing in it yet.
  if (mark) return mark.runId === runId ? 'ownedByRun' : 'occupied';
  return (await withSession(endpoint, isEmpty)) ? 'empty' : 'occupied';
}

/** Nothing that a user made: what came with `CREATE DATABASE`, and what extensions brought, does not count. */
export async function isEmpty(session: Session): Promise<boolean> {
  const inUserSchema = (catalog: string, alias: string, namespace: string) =>
    `EXISTS (SELECT FROM ${catalog} ${alias} JOIN pg_namespace n ON n.oid = ${alias}.${namespace}
       WHERE ${isUserSchema} AND NOT ${isOfExtension(catalog, `${alias}.oid`)})`;
  const { occupied } = await session.one(
    z.object({ occupied: z.boolean() }),
    `SELECT ${inUserSchema('pg_class', 'c', 'relnamespace')}
       OR ${inUserSchema('pg_proc', 'p', 'pronamespace')}
       OR ${inUserSchema('pg_type', 't', 'typnamespace')}
       OR EXISTS (SELECT FROM pg_namespace n WHERE ${isUserSchema} AND n.nspname <> 'public'
         AND NOT ${isOfExtension('pg_namespace', 'n.oid')})
       OR EXISTS (SELECT FROM pg_largeobject_metadata) AS occupied`,
  );
  return !occupied;
}
