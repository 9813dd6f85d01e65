/** Engines whose rows lie in other files, servers or databases. */
const OUTSIDE: ReadonlySet<string> = new Set([
  'FEDERATED',
  'FEDERATEDX',
  'CONNECT',
  'SPIDER',
  'VP',
  'CSV',
  'MERGE',
  'MRG_MYISAM',
  'S3',
  'SPHINX',
  'OQGRAPH',
  'MROONGA',
]);

export function keepsRowsOutside(engine: string): boolean {
  return OUTSIDE.has(engine.toUpperCase());
}
