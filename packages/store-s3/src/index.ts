export { PartMemory } from './part-memory.ts';
export { type S3Connection, type S3ConnectionOptions, s3Connection } from './s3-connection.ts';
export { s3Store } from './s3-store.ts';
