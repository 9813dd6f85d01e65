import { errorFromRecord, errorRecord, errorRecordSchema, type Json, jsonSchema } from '@lcb/core';
import { z } from 'zod';

/**
 * What the journal keeps of a step: its value or its error, both as plain JSON. An error that DBOS recorded by itself
 * would come back from a replay without its code and its word on retrying.
 */
const stepOutcomeSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: jsonSchema }),
  z.object({ ok: z.literal(false), error: errorRecordSchema }),
]);
type StepOutcome = z.infer<typeof stepOutcomeSchema>;

export async function outcomeOf(run: () => Promise<Json>): Promise<StepOutcome> {
  try {
    return { ok: true, value: await run() };
  } catch (error) {
    return { ok: false, error: { ...errorRecord(error) } };
  }
}

/** The step's value, or its error thrown, from what the journal has. */
export function unwrap(recorded: unknown): Json {
  const outcome = stepOutcomeSchema.parse(recorded);
  if (!outcome.ok) throw errorFromRecord(outcome.error);
  return outcome.value;
}
