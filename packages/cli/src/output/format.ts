const units = ['kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** `59.3 MB`: decimal, as disks and clouds count; three significant digits. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  let value = bytes / 1000;
  let index = 0;
  // What would be rounded to 1000 belongs to the next unit.
  while (value >= 999.5 && index < units.length - 1) {
    value /= 1000;
    index += 1;
  }
  const digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${units[index]}`;
}

export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(Math.round(bytesPerSecond))}/s`;
}

/** `0.8 s`, `12 s`, `3 min 05 s`, `2 h 07 min`. */
export function formatDuration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${padded(whole % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${padded(minutes % 60)} min`;
}

/** `0:12`, `1:02:03`: a running clock. */
export function formatClock(seconds: number): string {
  const whole = Math.floor(seconds);
  const minutes = Math.floor(whole / 60);
  const hours = Math.floor(minutes / 60);
  const tail = `${hours === 0 ? minutes : padded(minutes % 60)}:${padded(whole % 60)}`;
  return hours === 0 ? tail : `${hours}:${tail}`;
}

/** `1,500` */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** `1 object`, `1,500 objects` */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `2025-11-09 14:30:00`, in UTC like everything that carries a time, ids included. */
export function formatTime(time: string): string {
  return new Date(time).toISOString().slice(0, 19).replace('T', ' ');
}

/** Seconds between two RFC 3339 times. */
export function secondsBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1000;
}

function padded(number: number): string {
  return String(number).padStart(2, '0');
}
