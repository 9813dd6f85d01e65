import type { GrowthPoint } from '../growth/measure-growth.ts';

interface Line {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

interface Panel {
  readonly title: string;
  readonly lines: readonly Line[];
}

const [width, height, margin, gap] = [300, 190, 44, 24];

/** Three panels: what an object costs and what memory it takes by the number of objects, and what a copy takes by the number of shards. */
export function plotGrowth(points: readonly GrowthPoint[]): string {
  const of = (kind: GrowthPoint['kind'], y: (point: GrowthPoint) => number) =>
    points
      .filter((point) => point.kind === kind)
      .map((point) => [point.shards ?? point.objects, y(point)] as const);
  const both = (y: (point: GrowthPoint) => number): Line[] => [
    { name: 'list', colour: '#2563eb', points: of('list', y) },
    { name: 'list and compare', colour: '#c2410c', points: of('diff', y) },
  ];
  const panels: Panel[] = [
    {
      title: 'CPU µs an object, by objects',
      lines: both(({ cpuSeconds, objects }) => (cpuSeconds / objects) * 1e6),
    },
    { title: 'peak MB, by objects', lines: both(({ peakBytes }) => peakBytes / 1e6) },
    {
      title: 'seconds of a copy, by shards at once',
      lines: [{ name: 'copy', colour: '#15803d', points: of('copy', ({ seconds }) => seconds) }],
    },
  ];
  const total = panels.length * width + (panels.length - 1) * gap;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${total} ${height}" font-family="system-ui, sans-serif" font-size="11">
<title>CPU and memory by the number of objects, seconds by the number of shards</title>
<rect width="${total}" height="${height}" fill="white"/>
${panels.map((panel, index) => drawn(panel, index * (width + gap))).join('\n')}
</svg>
`;
}

/** Along x by powers, since each number is a multiple of the one before; along y from nothing. */
function drawn({ title, lines }: Panel, left: number): string {
  const all = lines.flatMap(({ points }) => points);
  const xs = [...new Set(all.map(([x]) => x))].sort((a, b) => a - b);
  const [least = 1] = xs;
  const most = xs.at(-1) ?? least;
  const top = niceCeiling(Math.max(0, ...all.map(([, y]) => y)));
  const [bottom, right] = [height - 28, left + width - 12];
  const atX = (x: number) => {
    const share = most === least ? 0.5 : Math.log(x / least) / Math.log(most / least);
    return left + margin + share * (right - left - margin - 10);
  };
  const atY = (y: number) => bottom - (y / top) * (bottom - 40);
  const grid = [0, 0.5, 1].map((share) => {
    const y = atY(share * top).toFixed(1);
    return `<path d="M${left + margin - 6} ${y}H${right}" stroke="#ddd"/><text x="${left + margin - 10}" y="${y}" dy="4" text-anchor="end">${label(share * top)}</text>`;
  });
  const ticks = xs.map(
    (x) => `<text x="${atX(x).toFixed(1)}" y="${bottom + 16}" text-anchor="middle">${label(x)}</text>`,
  );
  const curves = lines.map(({ name, colour, points }, index) => {
    const place = points.map(([x, y]) => `${atX(x).toFixed(1)},${atY(y).toFixed(1)}`);
    const dots = place.map((at) => {
      const [x, y] = at.split(',');
      return `<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`;
    });
    const legend =
      lines.length === 1
        ? ''
        : `<text x="${left + margin + index * 60}" y="30" fill="${colour}">${name}</text>`;
    return `<polyline points="${place.join(' ')}" fill="none" stroke="${colour}" stroke-width="1.5"/>${dots.join('')}${legend}`;
  });
  return `<g><text x="${left + margin - 6}" y="14" font-weight="600">${title}</text>${grid.join('')}${ticks.join('')}${curves.join('')}</g>`;
}

/** 1, 2 or 5 times a power of ten. */
function niceCeiling(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10);
}

function label(value: number): string {
  if (value >= 1e6) return `${value / 1e6}M`;
  if (value >= 1e4) return `${value / 1e3}k`;
  return String(Number(value.toPrecision(3)));
}
