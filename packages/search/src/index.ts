export { openSearchEngine } from './opensearch-engine.ts';
