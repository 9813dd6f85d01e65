import type { OperationHandle } from '../model/operation.ts';
import type { DatabaseConnection } from '../model/project.ts';
import type { Upload } from '../model/upload.ts';

export interface StageUploadRequest {
  /** Of the backup that is made of it. */
  readonly runId: string;
  /** Counts the tries from 1: one that was lost is begun anew, with nothing of it left. */
  readonly attempt: number;
  readonly upload: Upload;
  /** The database that the dump is loaded into: made for this run and dropped with {@link UploadStaging.discard}. */
  readonly scratch?: DatabaseConnection;
  /** The database on the same server whose locale it gets. */
  readonly like?: string;
}

/**
 * Makes of an uploaded dump and library what an ordinary backup can be taken of: a scratch database and a store with the
 * library's objects. Whoever made them is not trusted. Providers that can't do it leave it out.
 */
export interface UploadStaging {
  /** Its operation's result is an `Uploaded`. */
  stage(request: StageUploadRequest): Promise<OperationHandle>;
  /** Where the objects of an unpacked archive lie until they are discarded. */
  libraryLocation(runId: string): string;
  /** Removes the run's scratch database and whatever was unpacked for it. Never another's. Safe to repeat. */
  discard(runId: string, scratch: DatabaseConnection | undefined): Promise<void>;
}
