/** What a restore writes on its database (`COMMENT ON DATABASE`): whose it is, and later also what it holds. */
export interface Mark {
  readonly runId: string;
  /** SHA-256 of the dump that was loaded completely; undefined while it is being loaded. */
  readonly loaded: string | undefined;
}

const MARK = /^lcb restore (\S+?)(?: loaded ([0-9a-f]{64}))?$/;

/** `lcb restore {runId}`, then `lcb restore {runId} loaded {sha256}`. It stays as the database's provenance. */
export function markText({ runId, loaded }: Mark): string {
  return `lcb restore ${runId}${loaded === undefined ? '' : ` loaded ${loaded}`}`;
}

export function parseMark(comment: string | null): Mark | undefined {
  const [, runId, loaded] = MARK.exec(comment ?? '') ?? [];
  return runId === undefined ? undefined : { runId, loaded };
}
