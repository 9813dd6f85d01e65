import { createHash } from 'node:crypto';
import type { Client } from 'pg';

const OBJECTS_PER_QUERY = 64;
/** Longer large objects are read in pieces of this many bytes instead of being hashed by one query. */
const PIECE_BYTES = 1024 * 1024;

export interface LargeObject {
  readonly oid: number;
  /** In bytes. */
  readonly size: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

interface HashedRow {
  readonly oid: number;
  readonly size: number;
  readonly sha256: string;
}

/** All large objects of a database, by oid. */
export async function* listLargeObjects(client: Client): AsyncGenerator<LargeObject> {
  let after = 0;
  for (;;) {
    const { rows } = await client.query<HashedRow>(
      `select oid, length(piece) as size, encode(sha256(piece), 'hex') as sha256
       from (select oid, lo_get(oid, 0, $2) as piece from pg_largeobject_metadata
             where oid > $1 order by oid limit $3) as pieces
       order by oid`,
      [after, PIECE_BYTES + 1, OBJECTS_PER_QUERY],
    );
    for (const row of rows) {
      yield row.size > PIECE_BYTES ? await hashInPieces(client, row.oid) : row;
      after = row.oid;
    }
    if (rows.length < OBJECTS_PER_QUERY) return;
  }
}

async function hashInPieces(client: Client, oid: number): Promise<LargeObject> {
  const hash = createHash('sha256');
  let size = 0;
  for (;;) {
    const { rows } = await client.query<{ piece: Buffer }>('select lo_get($1, $2, $3) as piece', [
      oid,
      size,
      PIECE_BYTES,
    ]);
    const [row] = rows;
    if (!row || row.piece.length === 0) return { oid, size, sha256: hash.digest('hex') };
    hash.update(row.piece);
    size += row.piece.length;
  }
}
