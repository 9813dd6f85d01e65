import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    setupFiles: ['test/support/property-seed.ts'],
    include: ['packages', 'functions', 'test', 'scripts'].map((folder) => `${folder}/**/*.test.ts`),
    // Real servers: starting one takes seconds, on a busy machine many.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
