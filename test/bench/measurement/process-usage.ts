import { readFileSync } from 'node:fs';
import type { Usage } from './measurement.ts';

/** Fields of `/proc/self/stat` count in these on every Linux; see proc(5) and sysconf(3), `_SC_CLK_TCK`. */
const ticksPerSecond = 100;

/** Whose CPU time counts: the process's alone, or also that of programs which it started and which have ended. */
export type UsageScope = 'own' | 'withChildren';

/** What this process has used so far. */
export function processUsage(scope: UsageScope): Usage {
  const { user, system } = process.cpuUsage();
  const children = scope === 'own' ? 0 : childrenSeconds();
  return {
    cpuSeconds: children === undefined ? null : (user + system) / 1e6 + children,
    peakBytes: peakBytes(),
  };
}

/** Usage since an earlier moment; the peak is the process's own, whenever it was. */
export function usageSince(before: Usage, scope: UsageScope): Usage {
  const { cpuSeconds, peakBytes } = processUsage(scope);
  if (cpuSeconds === null || before.cpuSeconds === null) return { cpuSeconds: null, peakBytes };
  return { cpuSeconds: cpuSeconds - before.cpuSeconds, peakBytes };
}

/** The high-water mark by the kernel. Not `maxRSS`: on Linux a new program inherits that from the one that started it. */
function peakBytes(): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readProc('status') ?? '')?.[1];
  return Number(kilobytes ?? process.resourceUsage().maxRSS) * 1024;
}

/** User and system time of children that have ended; Node knows only its own. */
function childrenSeconds(): number | undefined {
  // The program's name, in parentheses, may hold anything; fields are counted after it, from the third on.
  const fields = readProc('stat')?.split(') ').at(-1)?.split(' ');
  const [user, system] = [fields?.[13], fields?.[14]];
  return user === undefined || system === undefined
    ? undefined
    : (Number(user) + Number(system)) / ticksPerSecond;
}

function readProc(name: 'stat' | 'status'): string | undefined {
  return process.platform === 'linux' ? readFileSync(`/proc/self/${name}`, 'utf8') : undefined;
}
