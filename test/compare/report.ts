/** Everything by which two environments can differ. */
export type DifferenceKind =
  | DefinitionKind
  | 'rows'
  /** Where a sequence or an automatic counter stands. */
  | 'sequence value'
  | 'large object missing'
  | 'large object added'
  | 'large object content'
  | 'object missing'
  | 'object added'
  | 'object size'
  | 'object content'
  | 'object description'
  | 'object mtime';

/** Parts of a database that have a name and a definition. */
export type DefinitionKind =
  | 'schema'
  | 'table'
  | 'column'
  | 'index'
  | 'constraint'
  | 'view'
  | 'sequence'
  | 'rule'
  | 'trigger'
  | 'function'
  | 'event'
  | 'type'
  | 'comment'
  | 'extension';

export interface Difference {
  readonly kind: DifferenceKind;
  /** What differs: `schema.table.column`, a large object's oid, an object's key. */
  readonly name: string;
  /** How, in words; `a` is the first environment and `b` the second. */
  readonly detail: string;
}

/** What was compared on one side. */
export interface Figures {
  readonly schemas: number;
  readonly tables: number;
  readonly rows: number;
  readonly sequences: number;
  readonly largeObjects: number;
  readonly largeObjectBytes: number;
  /** Objects of the document library. */
  readonly objects: number;
  readonly bytes: number;
}

export interface ComparisonReport {
  /** True when nothing differs. */
  readonly equal: boolean;
  /** The first differences in the order of comparison; `differenceCounts` has all of them. */
  readonly differences: readonly Difference[];
  readonly differenceCounts: Readonly<Partial<Record<DifferenceKind, number>>>;
  readonly differenceTotal: number;
  readonly figures: { readonly a: Figures; readonly b: Figures };
  readonly durationMilliseconds: number;
}
