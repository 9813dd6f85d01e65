const STATIC = /^[ \t]*(?:import|export)\b(?:[^'"`;]*?\bfrom)?\s*['"]([^'"]+)['"]/gm;
const CALLS = /\b(?:import|require|require\.resolve)\(\s*['"]([^'"]+)['"]/g;

/**
 * What a module imports: every module name in an `import`, an `export … from`, an `import()`, also of types only.
 * A scan by pattern, since what matters is written plainly: the formatter puts each `import` at the start of a line.
 */
export function scanImports(source: string): string[] {
  return [STATIC, CALLS].flatMap((pattern) => [...source.matchAll(pattern)].map((match) => match[1] ?? ''));
}
