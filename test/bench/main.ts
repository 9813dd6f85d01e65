import { writeFile } from 'node:fs/promises';
import { runBench } from './bench.ts';
import { parseBenchOptions, usage } from './options.ts';
import { formatReport } from './report/format-report.ts';
import { plotGrowth } from './report/plot-growth.ts';

/** `npm run bench`: how fast, and how much memory, beside the plain tools. A table, or with `--json` one JSON document. */
const parsed = parseBenchOptions(process.argv.slice(2));
if ('problem' in parsed) {
  process.stderr.write(`${parsed.problem}\n\n${usage}\n`);
  process.exitCode = 2;
} else if (parsed.help) {
  process.stdout.write(`${usage}\n`);
} else {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort(new Error('Interrupted.')));
  process.once('SIGTERM', () => stop.abort(new Error('Terminated.')));
  try {
    const report = await runBench(parsed.options, {
      signal: stop.signal,
      progress: (line) => process.stderr.write(`${line}\n`),
    });
    const { plot } = parsed.options;
    if (plot !== undefined) await writeFile(plot, plotGrowth(report.growth));
    process.stdout.write(
      parsed.options.json ? `${JSON.stringify(report, undefined, 2)}\n` : formatReport(report),
    );
  } catch (error) {
    process.stderr.write(`The benchmark failed: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
