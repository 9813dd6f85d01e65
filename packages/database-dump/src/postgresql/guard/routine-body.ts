/** How a statement begins that may have a body with semicolons in it. */
const ROUTINE = /^CREATE (?:OR REPLACE )?(?:FUNCTION|PROCEDURE)$/;
const HEAD_WORDS = 4;

/**
 * Tells the semicolons of a body in standard SQL (`BEGIN ATOMIC …; …; END`) from the one that ends the statement, as psql
 * does (`psqlscan.l`): only in a function or procedure, by counting BEGIN, CASE and END.
 */
export class RoutineBody {
  #head: string[] = [];
  #isRoutine = false;
  #depth = 0;

  get isOpen(): boolean {
    return this.#depth > 0;
  }

  /** A word outside of parentheses. */
  word(word: string): void {
    if (!this.#isRoutine && this.#head.length < HEAD_WORDS) {
      this.#head.push(word);
      this.#isRoutine = ROUTINE.test(this.#head.join(' '));
      return;
    }
    if (!this.#isRoutine) return;
    if (word === 'BEGIN' || (word === 'CASE' && this.isOpen)) this.#depth += 1;
    else if (word === 'END' && this.isOpen) this.#depth -= 1;
  }

  clear(): void {
    this.#head = [];
    this.#isRoutine = false;
    this.#depth = 0;
  }
}
