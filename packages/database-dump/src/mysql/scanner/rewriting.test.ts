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

  it.each([
    "CREATE PROCEDURE p() SELECT 'CREATE DEFINER=`a`@`b` VIEW'",
    'CREATE TABLE t (a int) COMMENT="DEFINER=a@b"',
    'SET @x = 1',
    `CREATE ${' '.repeat(200)} TABLE t (a int)`,
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
    'SELECT `lportal` FROM t',
    'CREATE TABLE `it\'s "odd", lportal.x; # --` (`a` int)',
  ])('leaves alone: %s', (sql) => {
    expect(renamed(sql)).toBe(sql);
  });

  it('sees names after a quoted one that holds a quote, and costs little when a quote is never closed', () => {
    expect(renamed("SELECT `it's` FROM `lportal`.`t`")).toBe("SELECT `it's` FROM `copy`.`t`");
    const open = `SELECT '${'x'.repeat(100_000)}`;
    expect(renamed(open)).toBe(open);
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
