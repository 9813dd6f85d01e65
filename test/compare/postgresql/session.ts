import { Client } from 'pg';

/**
 * Opens a read-only view of one moment of a database. Everything that shapes PostgreSQL's text output is set,
 * so that equal data gives equal text whatever the two servers' and roles' own settings are.
 */
export async function openSession(databaseUrl: string): Promise<Client> {
  const client = new Client({
    connectionString: databaseUrl,
    application_name: 'compare',
    client_encoding: 'UTF8',
  });
  // A connection that breaks between two queries makes the next query fail; unheard, it would end the process.
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query(`
      set search_path = pg_catalog;
      set datestyle = 'ISO, YMD';
      set intervalstyle = 'postgres';
      set timezone = 'UTC';
      set bytea_output = 'hex';
      set extra_float_digits = 3;
      set lc_monetary = 'C';
      set xmloption = 'content';
      set row_security = off;
      set statement_timeout = 0;
      begin transaction isolation level repeatable read, read only`);
    return client;
  } catch (error) {
    await client.end();
    throw error;
  }
}
