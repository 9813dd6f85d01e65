import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lexScript } from '../script/read-script.ts';
import { StatementLexer } from './statement-lexer.ts';

/** Pieces of SQL that contain no statement of their own, whatever text they are made of. */
const text = fc.string({
  unit: fc.constantFrom(
    'a',
    "'",
    '"',
    ';',
    '\\',
    '$',
    '$$',
    '$x$',
    '--',
    '/*',
    '*/',
    '\n',
    '\r',
    ' ',
    'é',
    'E',
    '(',
    ')',
    '{',
    ':',
    'COPY t FROM stdin;\n',
  ),
  maxLength: 10,
});
const wrapped = text.chain((inner) =>
  fc.constantFrom(
    `'${inner.replaceAll("'", "''")}'`,
    `E'${inner.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`,
    `$q$${inner.replaceAll('$', '')}$q$`,
    `"${inner.replaceAll('"', '""')}"`,
    `/*${inner.replaceAll(/[/*]/g, '')}/* ${inner.replaceAll(/[/*]/g, '')} */*/`,
    `--${inner.replaceAll('\n', '')}\n`,
  ),
);

describe('StatementLexer', () => {
  it('finds the statements that are there, and no others, wherever chunks are cut', () => {
    const statement = fc
      .array(wrapped, { minLength: 1, maxLength: 5 })
      .map((parts) => `SELECT ${parts.join(' , ')} , last`);
    fc.assert(
      fc.property(
        fc.array(statement, { maxLength: 6 }),
        fc.array(fc.nat(400), { maxLength: 20 }),
        (parts, cuts) => {
          const bytes = Buffer.from(parts.map((part) => `${part};`).join('\n'));
          const edges = [
            0,
            ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b),
            bytes.length,
          ];
          const lexer = new StatementLexer('x');
          const found: string[] = [];
          for (let i = 1; i < edges.length; i += 1) {
            const chunk = bytes.subarray(edges[i - 1], edges[i]);
            for (let at = 0; at < chunk.length; ) {
              at = lexer.push(chunk, at);
              const item = lexer.takeItem();
              if (item?.kind === 'statement') found.push(item.statement.tokens.at(-1)?.text ?? '');
            }
          }
          expect(found).toEqual(parts.map(() => 'LAST'));
          expect(lexer.end()).toBeUndefined();
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('never takes a word out of a literal, a name or a comment', () => {
    fc.assert(
      fc.property(fc.array(wrapped, { maxLength: 6 }), (parts) => {
        const [statement] = lexScript({ name: 'x', sql: `SELECT ${parts.join(' , ')} ;` });
        const words = statement?.tokens.filter(({ kind }) => kind === 'word').map((token) => token.text);
        expect(words).toEqual(['SELECT']);
      }),
      { numRuns: 1000 },
    );
  });

  it('knows the line of every statement', () => {
    const sql = "-- a\n\nSELECT 1;\nSELECT '\n\n';/*\n*/ SELECT $$\n$$\n; SELECT 2";
    expect(lexScript({ name: 'x', sql }).map(({ line }) => line)).toEqual([3, 4, 7, 9]);
  });
});
