import { type Connection, createConnection, type RowDataPacket } from 'mysql2';

/** The compared databases of one side, and how to ask for them. */
export interface MysqlSide {
  readonly connection: Connection;
  /** The URL's database first, then those of the partitions. */
  readonly databases: readonly ComparedDatabase[];
  /** Tables that are not compared. */
  readonly besides: readonly string[];
}

export interface ComparedDatabase {
  readonly name: string;
  /** What both sides call it: its name on side a. */
  readonly label: string;
}

/**
 * Opens a read-only view of one moment (of what has transactions). Everything that shapes the server's text output is set,
 * so that equal data gives equal text whatever the servers' own settings are.
 */
export async function openSession(databaseUrl: string): Promise<Connection> {
  const connection = createConnection({
    uri: databaseUrl,
    charset: 'utf8mb4_bin',
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
  });
  // A connection that breaks between two queries makes the next query fail; unheard, it would end the process.
  connection.on('error', () => {});
  try {
    await connection
      .promise()
      .query(`set time_zone = '+00:00', sql_mode = '', sql_quote_show_create = 1, net_write_timeout = 3600`);
    await connection.promise().query('set transaction isolation level repeatable read');
    await connection.promise().query('start transaction with consistent snapshot, read only');
    return connection;
  } catch (error) {
    await connection.promise().end();
    throw error;
  }
}

export async function select<Row>(
  connection: Connection,
  sql: string,
  values: readonly unknown[] = [],
): Promise<readonly Row[]> {
  const [rows] = await connection.promise().query<(Row & RowDataPacket)[]>(sql, [...values]);
  return rows;
}

export function quoted(...names: readonly string[]): string {
  return names.map((name) => `\`${name.replaceAll('`', '``')}\``).join('.');
}

/** A definition as both sides would word it: their own databases by label, and nobody's name as its author. */
export function normalised(side: MysqlSide, definition: string): string {
  let text = definition.replace(/ DEFINER=`(?:[^`]|``)*`@`(?:[^`]|``)*`/, '');
  for (const { name, label } of side.databases) {
    text = text.replaceAll(`${quoted(name)}.`, `${quoted(`database of ${label}`)}.`);
  }
  return text;
}
