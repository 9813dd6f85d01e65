import { isFinal, type Run, type Unit, type UnitStatus, unitSchema } from '@lcb/core';
import { formatBytes, formatClock, formatRate, plural } from '../output/format.ts';
import { coloured, stateText } from '../output/style.ts';
import { bar, wanderingBar } from './bar.ts';
import { Rate } from './rate.ts';

/** What a terminal shows of a run at work: one line for it, and one for each unit. */
export class RunLines {
  readonly #rates = new Map<Unit, Rate>();

  /** @param seconds since the waiting began */
  of(run: Run, seconds: number): string[] {
    const waits = run.state === 'Pending' ? '  waiting for its turn' : '';
    const cancelling = run.cancelRequested && !isFinal(run.state) ? '  cancelling' : '';
    const lines = [
      `${run.runId}  ${stateText(run.state, process.stderr)}  ${formatClock(seconds)}${waits}${cancelling}`,
    ];
    for (const unit of unitSchema.options) {
      const status = run.units[unit];
      if (status !== undefined) lines.push(this.#unitLine(unit, status, seconds, run.cancelRequested));
    }
    return lines;
  }

  #unitLine(unit: Unit, status: UnitStatus, seconds: number, cancelling: boolean): string {
    const rate = cancelling ? undefined : this.#rateOf(unit, status, seconds);
    const facts = [
      status.objects === undefined ? '' : plural(status.objects, 'object'),
      status.bytes === undefined ? '' : formatBytes(status.bytes),
      rate === undefined ? '' : formatRate(rate),
    ].filter((fact) => fact !== '');
    return `  ${unit.padEnd(15)}  ${barOf(status, seconds)}  ${facts.join('  ')}`.trimEnd();
  }

  #rateOf(unit: Unit, status: UnitStatus, seconds: number): number | undefined {
    const done = doneBytes(unit, status);
    if (status.state !== 'InProgress' || status.progress === 100 || done === undefined) return undefined;
    const meter = this.#rates.get(unit) ?? new Rate();
    this.#rates.set(unit, meter);
    return meter.add(seconds, done);
  }
}

function barOf({ state, progress }: UnitStatus, seconds: number): string {
  switch (state) {
    case 'Succeeded':
      return `${coloured('green', bar(100), process.stderr)}  100 %`;
    case 'InProgress':
      return progress === undefined
        ? `${coloured('cyan', wanderingBar(seconds), process.stderr)}       `
        : `${coloured('cyan', bar(progress), process.stderr)}  ${String(Math.floor(progress)).padStart(3)} %`;
    default:
      return `${coloured('dim', bar(0), process.stderr)}  ${stateText(state, process.stderr)}`;
  }
}

/** A library's bytes are its whole size, known from its listing; a database's are those that went by so far. */
function doneBytes(unit: Unit, { bytes, progress }: UnitStatus): number | undefined {
  if (bytes === undefined || unit === 'database') return bytes;
  return progress === undefined ? undefined : (bytes * progress) / 100;
}
