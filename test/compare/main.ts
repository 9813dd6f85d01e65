import { compareEnvironments } from './compare-environments.ts';

/**
 * `compare <urlA> <folderA> <urlB> <folderB>` prints the report as JSON.
 * Exits 0 when the environments are equal, 1 when they differ, 2 when they could not be compared.
 */
async function main(args: readonly string[]): Promise<number> {
  const [urlA, folderA, urlB, folderB, ...rest] = args;
  if (!urlA || !folderA || !urlB || !folderB || rest.length > 0) {
    console.error('usage: compare <urlA> <folderA> <urlB> <folderB>');
    return 2;
  }
  try {
    const report = await compareEnvironments({
      a: { databaseUrl: urlA, libraryFolder: folderA },
      b: { databaseUrl: urlB, libraryFolder: folderB },
    });
    console.log(JSON.stringify(report, null, 2));
    return report.equal ? 0 : 1;
  } catch (error) {
    console.error('cannot compare:', error);
    return 2;
  }
}

process.exitCode = await main(process.argv.slice(2));
