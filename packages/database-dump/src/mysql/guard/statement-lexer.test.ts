import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inChunks } from '../../testing/plain-dump.ts';
import { executedComment } from './executed-comment.ts';
import { guardMysqlDump, lexMysql } from './guard-dump.ts';
import { MysqlLexer } from './statement-lexer.ts';

const server = { flavour: 'mariadb', version: '10.11.6' } as const;
const lex = (sql: string) => lexMysql(sql, new MysqlLexer('x', server));

/** Pieces of SQL that contain no statement of their own, whatever text they are made of. */
const text = fc.string({
  unit: fc.constantFrom(
    'a',
    "'",
    '"',
    '`',
    ';',
    '\\',
    '$$',
    '--',
    '-- ',
    '#',
    '/*',
    '*/',
    '/*!',
    '\n',
    ' ',
    'é',
    '(',
    ')',
    'DELIMITER x\n',
  ),
  maxLength: 10,
});
const escaped = (inner: string) => inner.replaceAll('\\', '\\\\');
const plain = text.chain((inner) =>
  fc.constantFrom(
    `'${escaped(inner).replaceAll("'", "''")}'`,
    `'${escaped(inner).replaceAll("'", "\\'")}'`,
    `"${escaped(inner).replaceAll('"', '""')}"`,
    `\`${inner.replaceAll('`', '``')}\``,
    `/* ${inner.replaceAll(/[*/!]/g, '')} */`,
    `-- ${inner.replaceAll('\n', '')}\n`,
    `#${inner.replaceAll('\n', '')}\n`,
    `/*!99999 ${inner.replaceAll(/[*/]/g, '')} */`,
  ),
);
const wrapped = fc.oneof(
  plain,
  plain.map((inner) => `/*!50003 ${inner} */`).filter((one) => !one.includes('/*!', 3)),
);

describe('MysqlLexer', () => {
  it('never takes a word out of a literal, a name or a comment, and never ends a statement there', () => {
    fc.assert(
      fc.property(fc.array(wrapped, { maxLength: 6 }), (parts) => {
        const statements = lex(`SELECT ${parts.join(' , ')} , last;\n last;`);
        const words = statements.map(({ tokens }) =>
          tokens.filter(({ kind }) => kind === 'word').map((token) => token.text),
        );
        expect(words).toEqual([['SELECT', 'LAST'], ['LAST']]);
      }),
      { numRuns: 2000 },
    );
  });

  it('sends what it has lexed: read once more, it is the same, and holds no code in comments', () => {
    fc.assert(
      fc.property(fc.array(wrapped, { maxLength: 6 }), (parts) => {
        const [first] = lex(`SELECT ${parts.join(' , ')} , last`);
        const sent = first?.bytes.toString('utf8') ?? '';
        const [again, ...more] = lex(sent);
        const kinds = (statement: typeof first) => statement?.tokens.map(({ kind, text: of }) => [kind, of]);
        expect(kinds(again)).toEqual(kinds(first));
        expect(more).toEqual([]);
        const code = first?.tokens.filter(({ kind }) => kind === 'symbol').map((token) => token.text) ?? [];
        expect(code.join('')).not.toContain('!');
      }),
      { numRuns: 2000 },
    );
  });

  it('reads the same wherever chunks are cut', async () => {
    const sql =
      "/*!40101 SET NAMES utf8mb4 */;\nDELIMITER ;;\n/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`b`*/ /*!50003 TRIGGER t BEFORE INSERT ON u FOR EACH ROW BEGIN\n  -- it's;\n  SET @x = ';;'; END */;;\nDELIMITER ;\nINSERT INTO t VALUES ('\\'', x'00', -1.5e3);\n";
    const read = async (size: number) => {
      const sent: string[] = [];
      for await (const item of guardMysqlDump(inChunks(sql, size), { name: 'x', server, target: 'target' }))
        if (item.kind === 'statement') sent.push(item.bytes.toString());
      return sent;
    };
    const whole = await read(sql.length);
    expect(whole).toHaveLength(3);
    expect(whole[1]).not.toContain('DEFINER');
    for (let size = 1; size < 60; size += 1) expect(await read(size)).toEqual(whole);
  });

  it('knows the line of every statement', () => {
    const sql =
      "# a\n\nSELECT 1;\nDELIMITER //\nSELECT '\n\n'//\n/*!50003 SELECT\n2 */ //\nDELIMITER ;\n SELECT 3";
    expect(lex(sql).map(({ line }) => line)).toEqual([3, 5, 8, 11]);
  });

  it.each([
    ['/*!50003 x', 'mariadb', '10.11.6', true],
    ['/*!50701 x', 'mariadb', '10.11.6', false],
    ['/*!80000 x', 'mysql', '8.0.36', true],
    ['/*!80037 x', 'mysql', '8.0.36', false],
    ['/*!100100 x', 'mariadb', '10.11.6', true],
    ['/*M!100100 x', 'mariadb', '10.11.6', true],
    ['/*M!999999\\- x', 'mariadb', '10.11.6', false],
    ['/*M!100100 x', 'mysql', '8.0.36', false],
    ['/*! x', 'mysql', '8.0.36', true],
  ] as const)('%s on %s %s: %s', (comment, flavour, version, isExecuted) => {
    expect(executedComment(comment, { flavour, version })?.isExecuted).toBe(isExecuted);
  });
});
