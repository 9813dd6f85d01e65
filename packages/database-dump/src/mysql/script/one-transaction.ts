import { LcbError } from '@lcb/core';
import type { Place } from '../../guard/verdict.ts';
import type { Session } from '../connection/session.ts';

/** Ends with its transaction, and only with that: no savepoint of a script can take its place, since those are refused. */
const SAVEPOINT = 'lcb_scripts';

/** The one transaction of all scripts. Whatever ends it before its time is found at once, and nothing more is run. */
export class OneTransaction {
  readonly #session: Session;

  private constructor(session: Session) {
    this.#session = session;
  }

  static async begin(session: Session): Promise<OneTransaction> {
    await session.run('START TRANSACTION');
    await session.run(`SAVEPOINT ${SAVEPOINT}`);
    return new OneTransaction(session);
  }

  /** After each statement. @throws LcbError `sql.transactionEnded` */
  async assertOpen({ name, line, command }: Place): Promise<void> {
    const isGone = await this.#session.runUnlessRefused(`RELEASE SAVEPOINT ${SAVEPOINT}`, [
      'ER_SP_DOES_NOT_EXIST',
    ]);
    if (isGone) {
      throw new LcbError({
        code: 'sql.transactionEnded',
        message: `${name}, line ${line}: ${command} ended the transaction in which all scripts run. What ran up to there is kept, nothing after it was run. Take it out of the script, and restore again.`,
        cause: isGone,
      });
    }
    await this.#session.run(`SAVEPOINT ${SAVEPOINT}`);
  }

  async commit(): Promise<void> {
    await this.#session.run('COMMIT');
  }
}
