/** Does Node's zlib, or our own reader of frames, say by this error that what it was given is not what a compressor made? */
export function isCompressionError(error: unknown): error is Error {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    /^(ZSTD|Z)_/.test(error.code)
  );
}
