import { Readable } from 'node:stream';

/**
 * Passes a body on until the signal fires, and throws its reason then, even while the body itself keeps silent. The
 * source is closed whatever happens. One listener for the whole body, nothing kept per chunk.
 */
export async function* untilAborted(
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  if (signal === undefined) return yield* body;
  let abort: (() => void) | undefined;
  const onAbort = (): void => abort?.();
  signal.addEventListener('abort', onAbort, { once: true });
  const source = body[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      signal.throwIfAborted();
      const next = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
        abort = () => reject(signal.reason);
        source.next().then(resolve, reject);
      });
      if (next.done) {
        ended = true;
        return;
      }
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    if (!ended) close(body, source);
  }
}

/** Not awaited: a source that keeps silent would answer only once it speaks, and its complaints change nothing by then. */
function close(body: AsyncIterable<Uint8Array>, source: AsyncIterator<Uint8Array>): void {
  if (body instanceof Readable) body.destroy();
  else source.return?.().catch(() => undefined);
}
