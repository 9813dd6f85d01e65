/** One object as the judge reads it, whole. */
export interface ReadObject {
  readonly size: number;
  readonly sha256: string;
  /** Milliseconds are what is promised; below them, a time is cut off. Absent where the place sets times itself. */
  readonly mtimeMilliseconds?: bigint;
  /** Content type, metadata and tags, as one text; absent where the place has none. */
  readonly description?: string;
}

/** A place whose keys, in the order of `compareKeys`, and bytes can be read. */
export interface Library {
  keys(): AsyncIterable<string>;
  read(key: string): Promise<ReadObject>;
  sizeOf(key: string): Promise<number>;
}
