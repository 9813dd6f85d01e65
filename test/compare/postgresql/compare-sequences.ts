import type { Client } from 'pg';
import type { DifferenceLog } from '../difference-log.ts';

/** Compares where the sequences stand that both sides have. */
export async function compareSequences(a: Client, b: Client, log: DifferenceLog): Promise<void> {
  const [valuesA, valuesB] = await Promise.all([sequenceValues(a), sequenceValues(b)]);
  for (const [name, value] of valuesA) {
    const other = valuesB.get(name);
    if (other !== undefined && other !== value) log.add('sequence value', name, `a: ${value} | b: ${other}`);
  }
}

async function sequenceValues(client: Client): Promise<ReadonlyMap<string, string>> {
  const { rows: sequences } = await client.query<{ schema: string; sequence: string }>(`
    select n.nspname as "schema", c.relname as "sequence"
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'S' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    order by 1, 2`);
  const values = new Map<string, string>();
  for (const { schema, sequence } of sequences) {
    const { rows } = await client.query<{ value: string }>(
      `select format('last value %s, is called %s', last_value, is_called) as value
       from ${client.escapeIdentifier(schema)}.${client.escapeIdentifier(sequence)}`,
    );
    values.set(`${schema}.${sequence}`, rows[0]?.value ?? 'unreadable');
  }
  return values;
}
