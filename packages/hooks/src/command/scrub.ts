/** Things that look like credentials in what a program printed: their values are not passed on. */
const assignments = /\b(\w*(?:password|passwd|secret|token|api_?key|authorization)\w*["']?\s*[:=]\s*)\S+/gi;
const urlPasswords = /(\w+:\/\/[^\s/:@]*:)[^\s@/]+@/g;

/** A program's words without what looks like a credential, and without control characters. */
export function scrubOutput(text: string): string {
  return text
    .replaceAll(/[^\P{Cc}\n\t]/gu, '')
    .replaceAll(urlPasswords, '$1***@')
    .replaceAll(assignments, '$1***');
}
