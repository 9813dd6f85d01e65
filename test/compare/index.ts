export {
  type ComparedEnvironment,
  type CompareOptions,
  compareEnvironments,
} from './compare-environments.ts';
export { s3Library } from './library/s3-library.ts';
export type { ComparisonReport, DefinitionKind, Difference, DifferenceKind, Figures } from './report.ts';
