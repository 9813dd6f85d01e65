import { once } from 'node:events';
import { connect } from 'node:net';

/** First byte of a greeting: version 10 of the protocol. An error packet begins with 255. */
const PROTOCOL_10 = 10;
/** A packet's length (three bytes) and number. */
const HEADER = 4;
const TIMEOUT_MS = 2_000;

/** Whether a server greets on a port of 127.0.0.1, as it does once its init file is done and it lets clients in. */
export async function greets(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port });
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const [first]: Buffer[] = await once(socket, 'data', { signal });
    return first?.[HEADER] === PROTOCOL_10;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
