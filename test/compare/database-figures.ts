import type { DefinitionKind } from './report.ts';

/** How many definitions of each kind a database has. */
export type DefinitionCounts = Partial<Record<DefinitionKind, number>>;

/** What was compared of one database. */
export interface DatabaseFigures {
  readonly definitions: DefinitionCounts;
  readonly rows: number;
  readonly largeObjects: { readonly count: number; readonly bytes: number };
}
