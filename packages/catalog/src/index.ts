export { migrateCatalog } from './migrate-catalog.ts';
export { type OpenOptions, openCatalog, type PostgresCatalog } from './open-catalog.ts';
