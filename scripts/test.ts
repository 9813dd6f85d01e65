/**
 * `npm test`: every check of the repository. `npm test -- <check> [arguments…]` runs one of them,
 * such as `npm test -- unit catalog` for the tests in files with "catalog" in their path.
 *
 * Ends with the line "N passed, N failed, N skipped"; the exit code is not 0 when anything failed.
 */
import { CHECKS } from './checks/checks.ts';
import { sum, type Tally } from './checks/tally.ts';

const [only, ...args] = process.argv.slice(2);
const checks = only ? CHECKS.filter((check) => check.name === only) : CHECKS;

if (checks.length === 0) {
  console.error(
    `There is no check "${only}". The checks are: ${CHECKS.map((check) => check.name).join(', ')}.`,
  );
  process.exit(2);
}

const tallies: Tally[] = [];
for (const check of checks) {
  console.log(`\n== ${check.title}`);
  tallies.push(await check.run(args));
}

const { passed, failed, skipped, skippedSuites } = sum(tallies);
console.log(`\n${skippedSuites.length} suites skipped for want of something on this machine`);
for (const title of skippedSuites) console.log(`  ${title}`);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 ? 1 : 0;
