import type { z } from 'zod';
import { fieldsOf, type JsonSchema, schemaAt } from './json-schema.ts';
import { oneOf, suggestion } from './nearest-name.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** One mistake in a configuration, as a sentence, and the field that it is about. */
export interface Mistake {
  readonly path: Path;
  readonly sentence: string;
}

/**
 * What the schema has against a value, in sentences that name the field and the fix.
 * @param value what was checked: only its kinds are said, never what is in it, for it may be a secret in the wrong place
 */
export function explainIssue(issue: Issue, value: unknown, schema: JsonSchema): Mistake[] {
  const path = issue.path;
  const field = fieldName(path);
  const found = valueAt(value, path);
  // A key with nothing after it holds null.
  if (found === undefined || found === null) {
    const about = schemaAt(schema, path)?.description;
    return [
      {
        path,
        sentence: `${field} ${found === null ? 'is empty' : 'is missing'}.${about ? ` ${about}` : ''}`,
      },
    ];
  }
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = fieldsOf(schemaAt(schema, path));
      return issue.keys.map((key) => ({
        path: [...path, key],
        sentence: `There is no field ${fieldName([...path, key])}${suggestion(key, known)}`,
      }));
    }
    case 'invalid_type':
      return [{ path, sentence: `${field} must be ${kindOf(issue.expected)}, not ${kindOfValue(found)}.` }];
    case 'invalid_value':
      return [{ path, sentence: `${field} must be ${oneOf(issue.values.map(String))}.` }];
    case 'invalid_union':
      return explainUnion(issue.errors, issue, value, schema);
    case 'invalid_key':
      return [
        {
          path,
          sentence: `The name ${String(path.at(-1))} in ${fieldName(path.slice(0, -1))} ${nameProblem(issue.issues)}.`,
        },
      ];
    case 'too_small':
      return [
        {
          path,
          sentence: `${field} must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}.`,
        },
      ];
    default:
      return [{ path, sentence: `${field} ${issue.message}.` }];
  }
}

/** Explains the branch that was meant: the one whose complaints lie deepest, if any gets past the kind of the value. */
function explainUnion(
  branches: readonly (readonly Issue[])[],
  issue: Issue,
  value: unknown,
  schema: JsonSchema,
): Mistake[] {
  const meant = branches.find((branch) => branch.some(isAboutContent));
  if (meant === undefined) {
    const about = schemaAt(schema, issue.path)?.description;
    return [
      {
        path: issue.path,
        sentence: `${fieldName(issue.path)} has the wrong kind of value.${about ? ` ${about}` : ''}`,
      },
    ];
  }
  return meant.flatMap((inner) =>
    explainIssue({ ...inner, path: [...issue.path, ...inner.path] }, value, schema),
  );
}

function isAboutContent(issue: Issue): boolean {
  return issue.path.length > 0 || (issue.code !== 'invalid_type' && issue.code !== 'invalid_value');
}

function nameProblem(issues: readonly Issue[]): string {
  const [first] = issues;
  if (first?.code === 'too_big') return `is longer than ${first.maximum} characters`;
  return first?.message ?? 'is not allowed';
}

/** `projects.retail.environments.prd.backups` */
export function fieldName(path: Path): string {
  return path.length === 0 ? 'The file' : path.map(String).join('.');
}

function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = Reflect.get(at, key);
  }
  return at;
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object with fields',
  record: 'an object with names as fields',
};

function kindOf(expected: string): string {
  return kinds[expected] ?? expected;
}

function kindOfValue(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number' && !Number.isInteger(value)) return 'a fraction';
  return kindOf(typeof value);
}
