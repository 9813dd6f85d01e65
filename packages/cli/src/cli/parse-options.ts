import { stateSchema, unitSchema } from '@lcb/core';
import { z } from 'zod';
import { suggestion } from '../config/nearest-name.ts';
import { locationProblem, locationUrl } from '../config/values.ts';
import { UsageError } from '../usage-error.ts';

/**
 * Options as commander collected them, checked and converted. Commander knows which options there are; what they may say
 * is said here. @throws UsageError with a sentence for each mistake
 */
export function parseOptions<T extends z.ZodType>(schema: T, given: unknown): z.output<T> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new UsageError(parsed.error.issues.map(({ path, message }) => `${flagOf(path)} ${message}.`));
}

/** `targetDatabase` → `--target-database` */
function flagOf([name = '']: readonly PropertyKey[]): string {
  return `--${String(name).replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

export const environmentOptions = { project: z.string().optional(), environment: z.string().optional() };

/** `library` is what lcb.yaml calls it. */
const aliases: ReadonlyMap<string, string> = new Map([['library', 'documentLibrary']]);
const backedUpUnits = unitSchema.exclude(['search']);

/** `database,documentLibrary` */
export const unitList = z.string().transform((text, context) => {
  const names = text.split(',').map((name) => aliases.get(name.trim()) ?? name.trim());
  return chosen(names, backedUpUnits.options, context);
});

/** `Succeeded,Failed`, in any case. */
export const stateList = z
  .string()
  .transform((text, context) => chosen(text.split(','), stateSchema.options, context));

/** One of them. */
export const unitName = unitList
  .refine((units) => units.length === 1, 'takes one unit')
  .transform(([unit]) => unit);

function chosen<T extends string>(
  names: readonly string[],
  known: readonly T[],
  context: z.RefinementCtx,
): T[] {
  const found = new Set<T>();
  for (const name of names.map((each) => each.trim())) {
    const match = known.find((each) => each.toLowerCase() === name.toLowerCase());
    if (match !== undefined) found.add(match);
    else {
      const hint = suggestion(name, known).replace(/\.$/, '');
      context.addIssue({ code: 'custom', message: `does not know ${JSON.stringify(name)}${hint}` });
    }
  }
  return known.filter((each) => found.has(each));
}

/** A backup location as lcb.yaml names it, but relative to the folder that the command is called in. */
export const backupLocation = z.string().superRefine((text, context) => {
  const problem = locationProblem(text);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

export function locationOf(given: string | undefined, workingDirectory: string): string | undefined {
  return given === undefined ? undefined : locationUrl(given, workingDirectory);
}

export function wholeNumber(from: number, to: number) {
  const range = `a whole number from ${from} to ${to}`;
  return z.string().transform((text, context) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= from && number <= to) return number;
    context.addIssue({ code: 'custom', message: `must be ${range}, not ${JSON.stringify(text)}` });
    return z.NEVER;
  });
}

/** RFC 3339, or a day, which begins at midnight UTC. */
export const moment = z.string().transform((text, context) => {
  if (z.iso.datetime({ offset: true }).safeParse(text).success || z.iso.date().safeParse(text).success) {
    return new Date(text).toISOString();
  }
  context.addIssue({
    code: 'custom',
    message: `must be a time such as 2025-11-09T14:30:00Z, or a day such as 2025-11-09, not ${JSON.stringify(text)}`,
  });
  return z.NEVER;
});
