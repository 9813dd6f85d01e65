import { z } from 'zod';

const unitSeconds = { h: 3600, d: 86_400, w: 7 * 86_400 } as const;

/** A length of time as people write it, `12h`, `7d`, `4w`, in seconds. */
export const durationSchema = z
  .string()
  .regex(/^[1-9]\d{0,4}[hdw]$/, 'must be hours, days or weeks such as 12h, 7d or 4w')
  .transform((text) => {
    const unit = z.enum(['h', 'd', 'w']).parse(text.at(-1));
    return Number(text.slice(0, -1)) * unitSeconds[unit];
  });

const countSchema = z.number().int().positive().max(10_000);

/** Which backups of an environment are kept. Each rule keeps some; what none of them keeps expires. */
export const retentionSchema = z
  .strictObject({
    /** The newest so many. */
    keepLast: countSchema.optional(),
    /** The newest of each of so many days that have one, … */
    keepDaily: countSchema.optional(),
    /** … weeks, beginning on Mondays, … */
    keepWeekly: countSchema.optional(),
    /** … and months. */
    keepMonthly: countSchema.optional(),
    /** Everything younger. Seconds. */
    keepFor: z.number().int().positive().optional(),
  })
  .refine(
    (rules) => Object.values(rules).some((rule) => rule !== undefined),
    'names no rule: nothing would be kept',
  );
export type Retention = z.infer<typeof retentionSchema>;

/** Whose days, weeks and months are meant: `Europe/Berlin`. */
export const timeZoneSchema = z.string().refine((name) => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
}, 'must be a time zone such as Europe/Berlin or UTC');
