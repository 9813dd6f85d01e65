import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { type JobUsage, jobUsageSchema } from './measurement.ts';

const tries = 100;
const pauseMilliseconds = 100;

/** What the jobs of this process reported. Waits for as many as were started: a job's last act comes after its result. */
export async function readJobUsage(report: string, jobs: number): Promise<readonly JobUsage[]> {
  if (jobs === 0) return [];
  for (let count = 0; count < tries; count += 1) {
    const found = await readReports(report);
    if (found.length >= jobs) return found;
    await wait(pauseMilliseconds);
  }
  throw new Error(`Not every job reported what it used: ${report}`);
}

async function readReports(report: string): Promise<readonly JobUsage[]> {
  try {
    const lines = (await readFile(report, 'utf8')).split('\n').slice(0, -1);
    return lines.map((line) => jobUsageSchema.parse(JSON.parse(line)));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
