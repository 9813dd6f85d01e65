// Prints the id of the key that signs for the directory in the first argument.
import { localSigner } from '../signer/local-signer.ts';

const signer = localSigner({
  directory: process.argv[2] ?? '',
  clock: { now: () => new Date().toISOString() },
});
const { keyId } = await signer.currentKey();
await signer.sign(keyId, Buffer.from('x'));
console.log(keyId);
