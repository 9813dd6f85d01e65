/** Takes secrets out of text that was written by others: a tool's output, a driver's message. */
export type Scrub = (text: string) => string;

/** A {@link Scrub} for these secrets, as they are and as a URL carries them. */
export function scrubber(secrets: readonly (string | undefined)[]): Scrub {
  const forms = secrets.flatMap((secret) => (secret ? [secret, encodeURIComponent(secret)] : []));
  // The longest first: a secret that contains another must go whole.
  const ordered = [...new Set(forms)].sort((a, b) => b.length - a.length);
  return (text) => ordered.reduce((result, secret) => result.replaceAll(secret, '***'), text);
}
