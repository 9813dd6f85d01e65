import { startStubBuckets } from './stub-bucket.ts';

/** A process of its own, so that what the stub costs is not taken for the client's: says its port, and ends with its input. */
const [objects = '', copies = ''] = process.argv.slice(2);
const stub = await startStubBuckets(Number(objects), copies);
process.stdout.write(`${stub.port}\n`);
process.stdin.resume().once('end', () => {
  process.exit(0);
});
