import type { Baseline } from '../baselines.ts';

/** What a person would type instead, for one kind of server. */
export interface PlainTools {
  /** Each dumps the source to `TO`, where nothing is. */
  readonly dumps: readonly Baseline[];
  readonly loads: readonly PlainLoad[];
  /** Variables that tell the tools which database they load into. */
  targetVariables(databaseUrl: string): Readonly<Record<string, string>>;
}

/** Loads `DUMP` into the empty database of the target's variables. */
export interface PlainLoad extends Baseline {
  /** Makes what it loads, at `TO`. */
  readonly prepare: string;
}
