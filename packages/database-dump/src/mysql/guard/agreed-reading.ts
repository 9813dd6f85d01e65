import { z } from 'zod';
import type { Statement } from '../../guard/statement.ts';
import { type Place, sqlRefused } from '../../guard/verdict.ts';
import type { Session } from '../connection/session.ts';
import { areKnownModes, isKnownCharacterSet } from './reading-rules.ts';

const rules = z.object({ modes: z.string(), characterSet: z.string() });
const ASK = 'SELECT @@SESSION.sql_mode AS modes, @@SESSION.character_set_client AS characterSet';

/** Whether the server takes the statements of a file apart as the lexer did: it is asked, and not only the file judged. */
export class AgreedReading {
  readonly #session: Session;
  #isUtf8 = true;

  /** @param session for raw bytes, which begins with UTF-8 and no mode that matters. */
  constructor(session: Session) {
    this.#session = session;
  }

  /** @throws LcbError `sql.refused` */
  assertReadable(statement: Statement, place: Place): void {
    // In single-byte character sets a byte that is no ASCII may be a blank, and the word that the lexer saw two.
    if (this.#isUtf8 || statement.tokens.every((token) => token.kind !== 'word' || isAscii(token.text)))
      return;
    throw sqlRefused(place, 'a name in it is not plain ASCII, and neither quoted nor in UTF-8');
  }

  /** After each statement that was run. @throws LcbError `sql.refused` */
  async assertUnchanged(statement: Statement, place: Place): Promise<void> {
    // Routines and triggers that change them have their own, which end with them.
    if (!statement.has(0, 'SET')) return;
    const { modes, characterSet } = await this.#session.one(rules, ASK);
    if (!areKnownModes(modes) || !isKnownCharacterSet(characterSet))
      throw sqlRefused(place, 'the server would read what follows in another way than it was lexed');
    this.#isUtf8 = /^utf8/.test(characterSet);
  }
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}
