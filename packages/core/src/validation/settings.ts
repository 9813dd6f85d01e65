import { z } from 'zod';

/** What the checks before the seal take for normal. */
export const validationSettingsSchema = z.object({
  /** A dump may be this many times larger or smaller than the median of the last ones; beyond it a check warns. */
  dumpSizeFactor: z.number().gt(1).default(4),
  /** Part of the library, by count and by bytes, that may differ from the source without an explanation: 0.01 is 1 %. */
  libraryThreshold: z.number().min(0).max(1).default(0),
});
export type ValidationSettings = z.infer<typeof validationSettingsSchema>;
