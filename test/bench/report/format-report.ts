import { formatGrowth } from './format-growth.ts';
import { markdownTable } from './markdown-table.ts';
import type { BenchReport, RatioRange } from './summarize.ts';

/** Parts of a run that take less than this share of it are left out. */
const shownShare = 0.03;

/** For a terminal and for `docs/performance.md` alike. */
export function formatReport(report: BenchReport): string {
  const { machine, options, rows, idlePeakBytes, growth } = report;
  const idle = idlePeakBytes === null ? '' : `service with nothing to do: ${megabytes(idlePeakBytes)} MB\n`;
  const mariadb = machine.mariadb === null ? '' : `, MariaDB ${machine.mariadb}`;
  return `
${machine.cores} cores, ${machine.platform}, Node ${machine.node}, PostgreSQL ${machine.postgresql}${mariadb}; medians of ${options.runs}, peaks are the highest
${idle}${rows.length === 0 ? '' : `\n${scenarioTables(rows)}`}${growth.length === 0 ? '' : `\n${formatGrowth(growth)}`}`;
}

function scenarioTables(rows: BenchReport['rows']): string {
  return `${markdownTable(
    [
      'scenario<',
      'objects',
      'MB',
      'seconds',
      'MB/s',
      'objects/s',
      'CPU s',
      'service peak MB',
      'job seconds',
      'job MB/s',
      'job peak MB',
    ],
    rows.map((row) => [
      row.scenario,
      row.objects === null ? '' : String(Math.round(row.objects)),
      row.bytes === 0 ? '' : megabytes(row.bytes),
      row.seconds.toFixed(2),
      row.bytes === 0 ? '' : (row.bytes / 1e6 / row.seconds).toFixed(1),
      row.objects === null ? '' : String(Math.round(row.objects / row.seconds)),
      row.cpuSeconds?.toFixed(2) ?? '',
      megabytes(row.servicePeakBytes),
      row.jobSeconds?.toFixed(2) ?? '',
      row.jobSeconds === null ? '' : (row.bytes / 1e6 / row.jobSeconds).toFixed(1),
      row.jobPeakBytes === null ? '' : megabytes(row.jobPeakBytes),
    ]),
  )}
${markdownTable(
  [
    'beside a plain tool<',
    'tool<',
    "tool's seconds",
    "tool's CPU s",
    'time ratio',
    'time ratio of the job',
    'CPU ratio',
  ],
  rows.flatMap(({ scenario, baselines }) =>
    baselines.map((baseline) => [
      scenario,
      baseline.name,
      baseline.seconds.toFixed(2),
      baseline.cpuSeconds?.toFixed(2) ?? '',
      ratioText(baseline.timeRatio),
      baseline.jobTimeRatio === null ? '' : ratioText(baseline.jobTimeRatio),
      baseline.cpuRatio === null ? '' : `${baseline.cpuRatio.toFixed(2)}×`,
    ]),
  ),
)}
${markdownTable(
  ['where the time goes<', 'seconds in steps and jobs<'],
  rows
    .filter(({ parts }) => parts.length > 0)
    .map(({ scenario, parts, seconds }) => [
      scenario,
      parts
        .filter((part) => part.seconds >= shownShare * seconds)
        .map((part) => `${part.name} ${part.seconds.toFixed(2)}`)
        .join(', '),
    ]),
)}`;
}

function ratioText({ median, lowest, highest }: RatioRange): string {
  return `${median.toFixed(2)}× (${lowest.toFixed(2)} to ${highest.toFixed(2)})`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 10e6 ? 1 : 0);
}
