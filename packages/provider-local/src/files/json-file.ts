import { readFile } from 'node:fs/promises';
import { LcbError } from '@lcb/core';
import type { z } from 'zod';
import { unless } from './error-code.ts';

/**
 * A JSON file by its schema, or `undefined` where there is none.
 * @throws LcbError `file.invalid` when it holds something else
 */
export async function readJsonFile<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const text = await unless(['ENOENT'], readFile(path, 'utf8'));
  if (text === undefined) return undefined;
  const parsed = schema.safeParse(parseJson(path, text));
  if (parsed.success) return parsed.data;
  throw invalid(
    path,
    parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '),
  );
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which may be a private key.
    throw invalid(path, 'it is not JSON');
  }
}

function invalid(path: string, problem: string): LcbError {
  return new LcbError({
    code: 'file.invalid',
    message: `${path} can't be read: ${problem}. The service wrote it itself, so put it back from a copy.`,
  });
}
