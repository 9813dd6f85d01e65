import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StatementScanner } from './statement-scanner.ts';

/** Everything that a scanner says of a text that is cut at these places, and what it passes on. */
function scan(text: string | Buffer, cuts: readonly number[] = []) {
  const bytes = Buffer.from(text);
  const heads: string[] = [];
  const inserts: { readonly head: string; rows: number }[] = [];
  const comments: string[] = [];
  const scanner = new StatementScanner({
    statement({ bytes: whole, head }) {
      heads.push(head.trimEnd());
      return whole;
    },
    insert(head) {
      inserts.push({ head, rows: -1 });
      return true;
    },
    rows(count) {
      const last = inserts.at(-1);
      if (last) last.rows = count;
    },
    comment: (comment) => comments.push(comment),
  });
  const edges = [
    0,
    ...[...cuts].sort((a, b) => a - b).map((cut) => Math.min(cut, bytes.length)),
    bytes.length,
  ];
  const out: Buffer[] = [];
  for (let i = 1; i < edges.length; i += 1) out.push(...scanner.push(bytes.subarray(edges[i - 1], edges[i])));
  const isAtRest = scanner.isAtRest();
  out.push(...scanner.finish());
  return { heads, inserts, comments, isAtRest, passedOn: Buffer.concat(out) };
}

const everyByte = (text: string) => Array.from({ length: Buffer.byteLength(text) }, (_, at) => at);
const real = "INSERT INTO `real` VALUES\n(1,'a'),\n(2,'b');\n";

describe('StatementScanner', () => {
  it.each([
    ['a literal', "SELECT 'it\\'s;\\nINSERT INTO `x` VALUES (1);';"],
    ['a literal with doubled quotes', "SELECT 'a''; INSERT INTO `x` VALUES (1);';"],
    ['a literal in double quotes', 'SELECT "a\\"; INSERT INTO `x` VALUES (1);";'],
    ['a literal that ends in a backslash', "SELECT 'a\\\\';"],
    ['a name', 'CREATE TABLE `x``; INSERT INTO ``y`` VALUES (1);` (a int);'],
    ['a line comment', '-- it\'s ` "; INSERT INTO `x` VALUES (1);\nSELECT 1;'],
    ['an empty line comment', '--\nSELECT 1;'],
    ['a hash comment', "# it's\nSELECT 1;"],
    ['a block comment', "/* it's ; INSERT INTO `x` VALUES (1); */ SELECT 1;"],
    [
      'a comment that the server reads',
      "/*!50003 CREATE */ /*!50020 DEFINER=`a`@`b` */ /*!50003 VIEW `v` AS SELECT ';' */;",
    ],
    ['the sandbox comment', '/*M!999999\\- enable the sandbox mode */ \nSELECT 1;'],
    ['a minus before a minus', 'SELECT 1--1, 2 - - 3;'],
    ['a star before a slash', 'SELECT 1*/**/2;'],
    [
      'a body',
      "DELIMITER ;;\nCREATE PROCEDURE p() BEGIN SELECT ';;'; INSERT INTO `x` VALUES (1); END ;;\nDELIMITER ;",
    ],
    [
      'a body in a comment',
      'DELIMITER $$\n/*!50003 CREATE TRIGGER t BEGIN INSERT INTO `x` VALUES (1); END */ $$\nDELIMITER ;\n',
    ],
    ['a column named like a word', 'CREATE TABLE t (`values` int, `INSERT` int);'],
  ])('is not fooled by %s', (_, statement) => {
    const text = `${statement}\n${real}-- Dump completed\n`;
    const whole = scan(text);
    expect(whole.inserts).toEqual([{ head: 'INSERT INTO `real` VALUES\n', rows: 2 }]);
    expect(whole.comments.at(-1)?.trim()).toBe('Dump completed');
    expect(whole.isAtRest).toBe(true);
    expect(whole.passedOn.toString()).toBe(text);
    expect(scan(text, everyByte(text))).toEqual(whole);
  });

  it('sees statements without comments and literals', () => {
    const { heads } = scan(
      "/*!40101 SET NAMES utf8mb4 */;\n--\n-- Table `x`\n--\n\n/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`a`@`%` SQL SECURITY DEFINER */\n/*!50001 VIEW `v` AS SELECT 'x' */;\nUSE `a b`;\n",
    );
    expect(heads[0]).toBe('SET NAMES utf8mb4');
    expect(heads[1]?.replaceAll(/\s+/g, ' ')).toMatch(
      /^CREATE ALGORITHM=UNDEFINED DEFINER=`a`@`%` SQL SECURITY DEFINER VIEW `v`/,
    );
    expect(heads[2]).toBe('USE `a b`');
  });

  it('counts rows with lists of columns, and functions in values', () => {
    const { inserts } = scan(
      "INSERT INTO `t` (`a`, `b`) VALUES (1,f('(',2)),(3,0x28);REPLACE INTO t VALUES(1);",
    );
    expect(inserts.map(({ rows }) => rows)).toEqual([2, 1]);
  });

  it.each([
    ['rows', 'INSERT INTO `t` VALUES (1'],
    ['a literal', "SELECT '"],
    ['a statement', 'SELECT 1'],
    ['a comment', 'SELECT 1; /* x'],
  ])('is not at rest in %s', (_, text) => {
    expect(scan(text).isAtRest).toBe(false);
  });

  it('finds the same however the dump is built and cut', () => {
    const unit = fc.constantFrom(
      'a',
      ';',
      '(',
      ')',
      ',',
      "\\'",
      '\\\\',
      "''",
      '"',
      '`',
      '--',
      '/*',
      '*/',
      '\n',
      '🦊',
      ' VALUES (',
    );
    const literal = fc.string({ unit, maxLength: 10 }).map((text) => `'${text}'`);
    const value = fc.oneof(literal, fc.constantFrom('NULL', '0x28292C3B27', '-1.5', '1e300'));
    const row = fc.array(value, { minLength: 1, maxLength: 3 }).map((values) => `(${values.join(',')})`);
    const insert = fc
      .array(row, { minLength: 1, maxLength: 8 })
      .map((rows) => ({ sql: `INSERT INTO \`t\` VALUES ${rows.join(',\n')};\n`, rows: rows.length }));
    const noise = fc
      .string({
        unit: fc.constantFrom('a', ';', '-', '/', '\n', ' ', '(', 'INSERT INTO `x` VALUES (1);'),
        maxLength: 12,
      })
      .chain((text) =>
        fc.constantFrom(
          `SELECT '${text}';\n`,
          `SELECT "${text}\\"${text}";\n`,
          `/*!50003 SET @x = '${text}' */;\n`,
          `/* ${text.replaceAll('/', '')} */\n`,
          `-- ${text.replaceAll('\n', ' ')}\n`,
          `CREATE TABLE \`${text}\` (a int);\n`,
          `DELIMITER ;;\nBEGIN ${text.replaceAll(/[-/;]/g, '')}; INSERT INTO \`x\` VALUES (1); END;;\nDELIMITER ;\n`,
        ),
      )
      .map((sql) => ({ sql, rows: undefined }));
    fc.assert(
      fc.property(
        fc.array(fc.oneof(insert, noise), { maxLength: 12 }),
        fc.array(fc.nat(2000), { maxLength: 40 }),
        (items, cuts) => {
          const text = items.map(({ sql }) => sql).join('');
          const found = scan(text, cuts);
          expect(found.inserts.map(({ rows }) => rows)).toEqual(
            items.flatMap(({ rows }) => (rows === undefined ? [] : [rows])),
          );
          expect(found.passedOn.toString()).toBe(text);
        },
      ),
      { numRuns: 500 },
    );
  });
});
