import { createServer } from 'node:net';

/** A TCP port of 127.0.0.1 that is free now. Another process may take it before the caller does: be ready to ask again. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address && typeof address === 'object') resolve(address.port);
        else reject(new Error('The operating system gave no port on 127.0.0.1.'));
      });
    });
  });
}
