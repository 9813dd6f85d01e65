import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Candidate, fairOrder } from './fair-order.ts';

const candidates = (projects: string): Candidate[] =>
  [...projects].map((projectId, index) => ({
    runId: `${projectId}${index}`,
    projectId,
    queuePosition: index,
  }));
const order = (projects: string, running: Record<string, number>, total: number, perProject = 100) =>
  fairOrder(candidates(projects), new Map(Object.entries(running)), { total, perProject }).map(
    ({ runId }) => runId,
  );

describe('the fair order', () => {
  it('gives projects turns', () => {
    expect(order('aaaabbc', {}, 6)).toEqual(['a0', 'b4', 'c6', 'a1', 'b5', 'a2']);
  });

  it('lets the project with the fewest running go first', () => {
    expect(order('aaabb', { a: 2 }, 5)).toEqual(['b3', 'b4', 'a0']);
  });

  it('gives no more than there are places', () => {
    expect(order('aabb', { a: 1, c: 2 }, 4)).toEqual(['b2']);
    expect(order('aabb', { c: 9 }, 4)).toEqual([]);
    expect(order('aabb', {}, 10, 1)).toEqual(['a0', 'b2']);
  });

  const places = fc.record({
    total: fc.integer({ min: 1, max: 12 }),
    perProject: fc.integer({ min: 1, max: 5 }),
  });
  const waiting = fc
    .uniqueArray(fc.nat(1000), { maxLength: 30 })
    .chain((positions) =>
      fc.tuple(
        ...positions.map((queuePosition) =>
          fc
            .constantFrom('a', 'b', 'c', 'd')
            .map((projectId) => ({ runId: `${queuePosition}`, projectId, queuePosition })),
        ),
      ),
    );
  const running = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.integer({ min: 0, max: 6 }));

  it('fills every place that it may, oldest first in each project, and never leaves the neediest behind', () => {
    fc.assert(
      fc.property(waiting, running, places, (all, counts, limits) => {
        const chosen = fairOrder(all, new Map(Object.entries(counts)), limits);
        const now = new Map(Object.entries(counts));
        const rest = new Set(all);
        for (const next of chosen) {
          const count = now.get(next.projectId) ?? 0;
          expect(count).toBeLessThan(limits.perProject);
          for (const other of rest) {
            const otherCount = now.get(other.projectId) ?? 0;
            if (other === next || otherCount >= limits.perProject) continue;
            expect(otherCount).toBeGreaterThanOrEqual(count);
            if (otherCount === count) expect(other.queuePosition).toBeGreaterThan(next.queuePosition);
          }
          rest.delete(next);
          now.set(next.projectId, count + 1);
        }
        const total = now.values().reduce((sum, count) => sum + count, 0);
        const before = Object.values(counts).reduce((sum, count) => sum + count, 0);
        expect(total).toBeLessThanOrEqual(Math.max(before, limits.total));
        if (total < limits.total) {
          for (const { projectId } of rest)
            expect(now.get(projectId)).toBeGreaterThanOrEqual(limits.perProject);
        }
      }),
    );
  });
});
