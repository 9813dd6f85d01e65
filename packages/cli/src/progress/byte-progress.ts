import { formatBytes, formatClock, formatRate } from '../output/format.ts';
import { writeEvent } from '../output/output.ts';
import { bar } from './bar.ts';
import { canRedraw, LiveArea } from './live-area.ts';
import { Rate } from './rate.ts';

export interface Bytes {
  readonly bytes: number;
  readonly expectedBytes: number;
}

/** Shows how far the reading of a backup is. Told as often as one likes. */
export interface ByteProgress {
  update(progress: Bytes): void;
  end(): void;
}

const drawEverySeconds = 0.2;
const writeEverySeconds = 2;

export function openByteProgress(title: string, stream: NodeJS.WriteStream = process.stderr): ByteProgress {
  const began = performance.now();
  const elapsed = () => (performance.now() - began) / 1000;
  const area = canRedraw(stream) ? new LiveArea(stream) : undefined;
  const rate = new Rate();
  let last = Number.NEGATIVE_INFINITY;
  return {
    update(progress) {
      const seconds = elapsed();
      if (seconds - last < (area === undefined ? writeEverySeconds : drawEverySeconds)) return;
      last = seconds;
      if (area === undefined) writeEvent('progress', { ...progress });
      else area.draw([line(title, progress, seconds, rate.add(seconds, progress.bytes))]);
    },
    end: () => area?.clear(),
  };
}

function line(
  title: string,
  { bytes, expectedBytes }: Bytes,
  seconds: number,
  rate: number | undefined,
): string {
  const percent = expectedBytes === 0 ? 0 : Math.min(100, (100 * bytes) / expectedBytes);
  const speed = rate === undefined ? '' : `  ${formatRate(rate)}`;
  return `${title}  ${bar(percent)}  ${Math.floor(percent)} %  ${formatBytes(bytes)}${speed}  ${formatClock(seconds)}`;
}
