import { parseArgs } from 'node:util';
import { z } from 'zod';

const wholeNumber = z.coerce.number('must be a number').int('must be a whole number');

const optionsSchema = z.object({
  /** Objects of the document library, approximately. */
  objects: wholeNumber.min(1_000, 'must be at least 1000').default(5_000),
  meanBytes: wholeNumber.min(1, 'must be at least 1').default(40_000),
  /** Text in the database, approximately; a dump is larger. */
  databaseBytes: wholeNumber.min(0, 'must not be negative').default(300_000_000),
  /** Objects of 4 to 64 KiB in the bucket that is compared with tools for buckets. */
  bucketObjects: wholeNumber.min(100, 'must be at least 100').default(20_000),
  /** Objects of 100 MiB. */
  largeObjects: wholeNumber.min(1, 'must be at least 1').default(20),
  /** Size of each database of which one table is nearly all. */
  databaseMb: wholeNumber.min(20, 'must be at least 20').default(1_000),
  /** Objects of the largest bucket that growth is shown with; the others have a tenth and a hundredth. */
  growthObjects: wholeNumber
    .min(1_000, 'must be at least 1000')
    .max(9_000_000, 'must be at most 9000000')
    .default(1_000_000),
  /** Where the plot of growth is written to, as SVG. */
  plot: z.string().min(1).optional(),
  only: z
    .enum(
      ['all', 'folders', 'buckets', 'large', 'databases', 'growth'],
      'must be all, folders, buckets, large, databases or growth',
    )
    .default('all'),
  /** Every measurement is made so often, and the median is shown. */
  runs: wholeNumber.min(1, 'must be at least 1').default(3),
  json: z.boolean().default(false),
  /** Folder for a CPU profile of every service and job process. */
  cpuProf: z.string().min(1).optional(),
});
export type BenchOptions = z.infer<typeof optionsSchema>;

export const usage = `Usage: npm run bench -- [options]

  --objects N          objects in the document library, at least 1000 (5000)
  --mean-bytes N       their mean size (40000)
  --database-bytes N   text in the database beside the library (300000000)
  --bucket-objects N   objects of 4 to 64 KiB in a bucket, at least 100 (20000)
  --large-objects N    objects of 100 MiB in a bucket (20)
  --database-mb N      size of databases of which one table is nearly all, at least 20 (1000)
  --growth-objects N   objects of the largest bucket that growth is shown with (1000000)
  --plot FILE          write the growth as a picture (SVG) there
  --only WHAT          folders (with their database), buckets, large (objects), databases (of each server), or growth (all)
  --runs N             measurements of each kind, of which the median is shown (3)
  --cpu-prof FOLDER    keep a CPU profile of every service and job process there
  --json               one JSON document with every measurement instead of the table`;

export type ParsedOptions =
  | { readonly help: true }
  | { readonly help: false; readonly options: BenchOptions }
  | { readonly problem: string };

export function parseBenchOptions(args: readonly string[]): ParsedOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean', short: 'h' },
        objects: { type: 'string' },
        'mean-bytes': { type: 'string' },
        'database-bytes': { type: 'string' },
        'bucket-objects': { type: 'string' },
        'large-objects': { type: 'string' },
        'database-mb': { type: 'string' },
        'growth-objects': { type: 'string' },
        plot: { type: 'string' },
        only: { type: 'string' },
        runs: { type: 'string' },
        'cpu-prof': { type: 'string' },
        json: { type: 'boolean' },
      },
    });
    if (values.help) return { help: true };
    const given = {
      ...values,
      meanBytes: values['mean-bytes'],
      databaseBytes: values['database-bytes'],
      bucketObjects: values['bucket-objects'],
      largeObjects: values['large-objects'],
      databaseMb: values['database-mb'],
      growthObjects: values['growth-objects'],
      cpuProf: values['cpu-prof'],
    };
    const parsed = optionsSchema.safeParse(given);
    if (parsed.success) return { help: false, options: parsed.data };
    return {
      problem: parsed.error.issues.map((issue) => `--${optionName(issue.path)} ${issue.message}.`).join('\n'),
    };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function optionName(path: readonly PropertyKey[]): string {
  return path
    .map(String)
    .join('.')
    .replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
