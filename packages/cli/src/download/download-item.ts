/** One file of a download. */
export interface DownloadItem {
  /** Under the folder, with slashes. */
  readonly path: string;
  /** What the backup says of the file's bytes, where it says it of exactly these. */
  readonly size?: number;
  readonly sha256?: string;
  /** RFC 3339; the file gets it. */
  readonly lastModified?: string;
  /** Opened when the file is really fetched; checks what it reads against the backup. */
  readonly body: () => AsyncIterable<Uint8Array>;
}
