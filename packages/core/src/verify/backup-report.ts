import { Notes } from './notes.ts';

/** What was found out about one backup. */
export class BackupReport {
  readonly backupId: string;
  readonly problems = new Notes();
  readonly warnings = new Notes();
  /** Units that a provider holds, or that this version does not know: neither good nor bad. */
  notVerifiable: readonly string[] = [];
  /** Its manifest could be opened. */
  sealedAt: string | undefined;
  keyId: string | undefined;
  artefacts = 0;
  objects = 0;
  bytesRead = 0;

  constructor(backupId: string) {
    this.backupId = backupId;
  }

  get ok(): boolean {
    return this.problems.count === 0 && this.notVerifiable.length === 0;
  }
}
