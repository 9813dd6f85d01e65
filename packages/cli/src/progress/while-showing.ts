import { canRedraw, LiveArea } from './live-area.ts';

/** Shorter waits need no word. */
const delayMilliseconds = 400;

/** Shows a word on the terminal while something that usually is quick takes longer. */
export async function whileShowing<T>(
  text: string,
  work: () => Promise<T>,
  stream: NodeJS.WriteStream = process.stderr,
): Promise<T> {
  if (!canRedraw(stream)) return work();
  const area = new LiveArea(stream);
  const timer = setTimeout(() => area.draw([text]), delayMilliseconds);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
    area.clear();
  }
}
