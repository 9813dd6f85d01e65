import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Json, type RunRequest, stepNames } from '@lcb/core';
import { cacheFolder } from '@lcb/embedded-postgres/testing';
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

/** A process that has loaded the service and waits to be told what to do. */
export interface ServiceProcess {
  /** Runs the service until the request's run has ended, or until the process is killed. Once only. */
  run(input: ServiceProcessInput): Promise<ServiceProcessEnd>;
  /** Ends one that was never run. */
  discard(): Promise<void>;
}

export function startServiceProcess(): ServiceProcess {
  const main = fileURLToPath(new URL('service-process-main.ts', import.meta.url));
  const child = spawn(process.execPath, [main], {
    stdio: ['pipe', 'ignore', 'pipe'],
    // Sources are compiled once, and not by every process and job anew.
    env: { ...process.env, NODE_COMPILE_CACHE: cacheFolder('compiled', process.version) },
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const closed = once(child, 'close');
  return {
    async run(input) {
      child.stdin.end(JSON.stringify(input));
      const [code, signal] = z
        .tuple([z.number().nullable(), z.custom<NodeJS.Signals | null>()])
        .parse(await closed);
      return { code, signal, stderr };
    },
    async discard() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}

/** Runs the service in a process of its own until the request's run has ended, or until it is killed. */
export function runServiceProcess(input: ServiceProcessInput): Promise<ServiceProcessEnd> {
  return startServiceProcess().run(input);
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
