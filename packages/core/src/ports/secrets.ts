/** Secrets by reference. What it answers is used at once and never logged, stored or put on a command line. */
export interface Secrets {
  /** @throws LcbError `secret.notFound` naming the reference, never a value. */
  resolve(reference: string): Promise<string>;
}
