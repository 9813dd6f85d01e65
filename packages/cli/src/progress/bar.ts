const width = 24;

/** `━━━━━━━━────────────────` for 0 to 100 per cent. */
export function bar(percent: number): string {
  const done = Math.round((Math.min(100, Math.max(0, percent)) / 100) * width);
  return '━'.repeat(done) + '─'.repeat(width - done);
}

/** For work whose end is not known: a piece that wanders with the time. */
export function wanderingBar(seconds: number): string {
  const piece = 4;
  const at = Math.floor(seconds * 3) % (width - piece + 1);
  return '─'.repeat(at) + '━'.repeat(piece) + '─'.repeat(width - piece - at);
}
