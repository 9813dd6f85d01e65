import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What the server does with a call: a status with headers and body, these bytes and then silence, silence, or a cut connection. */
export type Behaviour =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  | { readonly raw: string }
  | 'silent'
  | 'endless'
  | 'cut';

export interface HookServer {
  readonly port: number;
  readonly received: readonly Received[];
  behave(behaviour: Behaviour): void;
  close(): Promise<void>;
}

/** A real HTTP server on loopback that remembers what it was called with. */
export async function hookServer(): Promise<HookServer> {
  const received: Received[] = [];
  let behaviour: Behaviour = { status: 204 };
  const server: Server = createServer(async (request, response) => {
    const { method = '', url: path = '', headers } = request;
    received.push({ method, path, headers, body: await text(request) });
    if (behaviour === 'silent') return;
    if (behaviour === 'cut') {
      request.socket.destroy();
      return;
    }
    if (behaviour === 'endless') {
      const chunk = Buffer.alloc(16 * 1024, 'x');
      const more = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', more);
      more();
      return;
    }
    if ('raw' in behaviour) {
      request.socket.write(behaviour.raw);
      return;
    }
    response.writeHead(behaviour.status, behaviour.headers).end(behaviour.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    received,
    behave(next) {
      behaviour = next;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
