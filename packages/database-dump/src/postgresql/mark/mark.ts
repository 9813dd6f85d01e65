/** What a restore writes on its database (`COMMENT ON DATABASE`): whose it is, and later also what it holds. */
export interface Mark {
  readonly runId: string;
  /** SHA-256 of the dump that was loaded completely; undefined while it is being loaded. */
  readonly loaded: string | undefined;
  /** A stranger wrote what is there, or some of it. */
  readonly untrusted: boolean;
}

const MARK = /^lcb restore (\S+?)(?: loaded ([0-9a-f]{64}))?( untrusted)?$/;
/** Before a comment of somebody else's. */
const UNTRUSTED = 'lcb untrusted';

/** `lcb restore {runId}`, then `lcb restore {runId} loaded {sha256}`. It stays as the database's provenance. */
export function markText({ runId, loaded, untrusted }: Mark): string {
  return `lcb restore ${runId}${loaded === undefined ? '' : ` loaded ${loaded}`}${untrusted ? ' untrusted' : ''}`;
}

export function parseMark(comment: string | null): Mark | undefined {
  const [, runId, loaded, untrusted] = MARK.exec(comment ?? '') ?? [];
  return runId === undefined ? undefined : { runId, loaded, untrusted: untrusted !== undefined };
}

/** Does a database's comment say that a stranger wrote some of what it holds? */
export function isUntrusted(comment: string | null): boolean {
  return (
    parseMark(comment)?.untrusted ?? (comment === UNTRUSTED || comment?.startsWith(`${UNTRUSTED}: `) === true)
  );
}

/** The comment, saying so from now on. */
export function asUntrusted(comment: string | null): string {
  if (comment !== null && isUntrusted(comment)) return comment;
  const mark = parseMark(comment);
  if (mark) return markText({ ...mark, untrusted: true });
  return comment === null ? UNTRUSTED : `${UNTRUSTED}: ${comment}`;
}
