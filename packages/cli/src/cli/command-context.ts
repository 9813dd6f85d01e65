import type { ConfigPlaces } from '../config/config-file.ts';
import type { Output } from '../output/output.ts';

/** What every command is given beside its own arguments. */
export interface CommandContext {
  readonly output: Output;
  readonly places: ConfigPlaces;
  /** Absolute path of this program, source or bundle: jobs run it again. */
  readonly entry: string;
}
