export {
  type ComparedEnvironment,
  type CompareOptions,
  compareEnvironments,
} from './compare-environments.ts';
export type { ComparisonReport, DefinitionKind, Difference, DifferenceKind, Figures } from './report.ts';
