import { describe, expect, it } from 'vitest';
import { renameDatabases } from './database-names.ts';
import { withoutDefiner } from './definers.ts';

describe('withoutDefiner', () => {
  const plain = (sql: string) => withoutDefiner(Buffer.from(sql)).toString();

  it.each([
    ['CREATE DEFINER=`root`@`localhost` PROCEDURE `p`()', 'CREATE PROCEDURE `p`()'],
    ["CREATE DEFINER='a b'@'%' FUNCTION f()", 'CREATE FUNCTION f()'],
    ['CREATE OR REPLACE DEFINER = admin@localhost VIEW v', 'CREATE OR REPLACE VIEW v'],
    ['CREATE DEFINER=CURRENT_USER() VIEW v', 'CREATE VIEW v'],
    ['CREATE DEFINER=`a role` AGGREGATE FUNCTION f', 'CREATE AGGREGATE FUNCTION f'],
    [
      '/*!50003 CREATE*/ /*!50017 DEFINER=`ro``ot`@`%`*/ /*!50003 TRIGGER t */',
      '/*!50003 CREATE*/ /*!50017 */ /*!50003 TRIGGER t */',
    ],
    [
      '--\n-- CREATE DEFINER=`x`@`y`\n--\n/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`a`@`b` SQL SECURITY DEFINER */\n/*!50001 VIEW `v` */',
      '--\n-- CREATE DEFINER=`x`@`y`\n--\n/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 SQL SECURITY DEFINER */\n/*!50001 VIEW `v` */',
    ],
  ])('%s', (sql, expected) => {
    expect(plain(sql)).toBe(expected);
  });

  it('is not slowed down by white space and comments', () => {
    const sql = `${' \n'.repeat(5000)}${'/* x */ -- y\n'.repeat(5000)}CREATE TABLE t (a int)`;
    expect(plain(sql)).toBe(sql);
  });

  it.each([
    "CREATE PROCEDURE p() SELECT 'CREATE DEFINER=`a`@`b` VIEW'",
    'CREATE TABLE t (a int) COMMENT="DEFINER=a@b"',
    'SET @x = 1',
  ])('leaves alone: %s', (sql) => {
    expect(plain(sql)).toBe(sql);
  });
});

describe('renameDatabases', () => {
  const names = new Map([
    ['lportal', 'copy'],
    ['lpartition_1', 'copy_lpartition_1'],
    ['größe', 'neu`e'],
  ]);
  const renamed = (sql: string, heedsCase = true) =>
    renameDatabases(Buffer.from(sql), names, heedsCase).toString();

  it.each([
    [
      'select `lportal`.`Company`.`x` from `lportal`.`Company`',
      'select `copy`.`Company`.`x` from `copy`.`Company`',
    ],
    [
      'INSERT INTO lportal.audit SELECT * FROM lpartition_1 . t',
      'INSERT INTO `copy`.audit SELECT * FROM `copy_lpartition_1` . t',
    ],
    ['REFERENCES `größe`.`t` (`a`)', 'REFERENCES `neu``e`.`t` (`a`)'],
  ])('%s', (sql, expected) => {
    expect(renamed(sql)).toBe(expected);
  });

  it.each([
    'SELECT \'lportal.x\', "lportal.x"',
    '-- lportal.x\nSELECT 1',
    '/* lportal.x */ SELECT 1',
    'SELECT a.lportal.b, `a`.`lportal`.`b`',
    'SELECT lportal, xlportal.a, lportalx.a',
    'SELECT LPORTAL.x',
  ])('leaves alone: %s', (sql) => {
    expect(renamed(sql)).toBe(sql);
  });

  it('is not led astray by quotes in names, and not slowed down by long text', () => {
    const odd = "CREATE TABLE `it's \"odd` (a int) /* it's */; SELECT `lportal`.`x`";
    expect(renamed(odd)).toBe(odd.replace('`lportal`', '`copy`'));
    const long = `${'a '.repeat(50_000)}'${'b '.repeat(50_000)}`;
    expect(renamed(long)).toBe(long);
    expect(renamed(`SELECT '${"''x".repeat(50_000)}', lportal.x`)).toMatch(/`copy`\.x$/);
  });

  it('heeds no case where the server does not', () => {
    expect(renamed('SELECT LPortal.x', false)).toBe('SELECT `copy`.x');
  });

  it('keeps bytes that are not UTF-8', () => {
    const sql = Buffer.concat([
      Buffer.from('SELECT lportal.x /*'),
      Buffer.from([0xe4, 0xff]),
      Buffer.from('*/'),
    ]);
    expect(renameDatabases(sql, names, true).toString('latin1')).toBe('SELECT `copy`.x /*\xe4\xff*/');
  });
});
