import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Json, type RunRequest, stepNames } from '@lcb/core';
import type { LocalSettings } from '@lcb/functions-local';
import { z } from 'zod';

/** Where a service's process kills itself with -9: before a step, or after it did its work and before that is recorded. */
export interface KillPoint {
  readonly step: string;
  readonly phase: 'begin' | 'end';
}

export interface ServiceProcessInput {
  readonly settings: LocalSettings;
  /** Submitted on every start; the same request every time. */
  readonly request: RunRequest;
  readonly killAt: KillPoint | null;
  /** Every begun and ended step is appended here, one JSON document a line. */
  readonly journal: string;
}

export interface ServiceProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** Runs the service in a process of its own until the request's run has ended, or until it is killed. */
export async function runServiceProcess(input: ServiceProcessInput): Promise<ServiceProcessEnd> {
  const main = fileURLToPath(new URL('service-process-main.ts', import.meta.url));
  const child = spawn(process.execPath, [main], { stdio: ['pipe', 'ignore', 'pipe'] });
  child.stdin.end(JSON.stringify(input));
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code, signal] = z
    .tuple([z.number().nullable(), z.custom<NodeJS.Signals | null>()])
    .parse(await once(child, 'close'));
  return { code, signal, stderr };
}

const journalEntrySchema = z.object({
  pid: z.number(),
  phase: z.enum(['begin', 'end']),
  step: z.enum(stepNames),
  input: z.json(),
});
export type JournalEntry = z.infer<typeof journalEntrySchema> & { readonly input: Json };

export async function readJournal(file: string): Promise<readonly JournalEntry[]> {
  const text = await readFile(file, 'utf8');
  return text
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [journalEntrySchema.parse(JSON.parse(line))]));
}
