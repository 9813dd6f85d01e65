import type { FailureScope } from './failure-scope.ts';

/**
 * Runs tasks of a scope in their order, at most so many at a time. After the first failure no other is begun, and those
 * under way are waited for.
 *
 * @returns their results in the order of the tasks.
 */
export async function runBounded<T>(
  scope: FailureScope,
  atOnce: number,
  tasks: readonly (() => Promise<T>)[],
): Promise<T[]> {
  const results = new Map<number, T>();
  const queue = tasks.entries();
  const runners = Array.from({ length: Math.min(atOnce, tasks.length) }, () =>
    scope.run(async () => {
      // Shared by all runners: each takes what is next.
      for (const [index, task] of queue) {
        scope.throwIfFailed();
        results.set(index, await task());
      }
    }),
  );
  await scope.settle(runners);
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}
