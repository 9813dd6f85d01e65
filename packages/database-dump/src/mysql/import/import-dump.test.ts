import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ImportRequest } from '@lcb/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awkwardMysql } from '../../testing/awkward-mysql.ts';
import { MemoryStore } from '../../testing/memory-store.ts';
import { type MysqlServer, startMysqlServer } from '../../testing/mysql-server.ts';
import { inChunks } from '../../testing/plain-dump.ts';
import { dumpRequest } from '../../testing/requests.ts';
import { parseEndpoint } from '../connection/endpoint.ts';
import { withSession } from '../connection/session.ts';
import { AgreedReading } from '../guard/agreed-reading.ts';
import { guardMysqlDump, lexMysql } from '../guard/guard-dump.ts';
import { MysqlLexer } from '../guard/statement-lexer.ts';
import { guestName, withGuest } from '../guest/with-guest.ts';

let server: MysqlServer;
beforeAll(async () => {
  server = await startMysqlServer();
  await server.create('source', awkwardMysql);
});
afterAll(() => server?.remove());

let targets = 0;
async function emptyTarget(): Promise<string> {
  targets += 1;
  await server.create(`tar_get%${targets}`, '');
  return `tar_get%${targets}`;
}

function importInto(
  database: string,
  dump: string | Buffer,
  changes: Partial<ImportRequest> = {},
): Promise<void> {
  return server.engine.importDump({
    connection: server.connection(database),
    source: inChunks(dump),
    name: 'upload.sql',
    signal: new AbortController().signal,
    onProgress: () => {},
    ...changes,
  });
}

async function plainDump(database: string, options: readonly string[]): Promise<Buffer> {
  const login = ['--no-defaults', '--protocol=tcp', '-h127.0.0.1', `-P${server.port}`, `-u${server.user}`];
  const everything = ['--routines', '--triggers', '--events'];
  const isAll = options.includes('--databases');
  const { stdout } = await promisify(execFile)(
    'mariadb-dump',
    [...login, ...everything, ...options, ...(isAll ? [] : [database])],
    {
      env: { ...process.env, MYSQL_PWD: server.password },
      maxBuffer: 256 * 1024 * 1024,
      encoding: 'buffer',
    },
  );
  return stdout;
}

const withoutDefiners = (dump: string) =>
  dump.replaceAll(/DEFINER=`[^`]*`@`[^`]*`/g, 'DEFINER').replaceAll(/^\/\*M!999999.*$/gm, '');
/** Guests that somebody could still log in as. */
const openGuests = () =>
  server.value(
    undefined,
    `SELECT COUNT(*) FROM mysql.global_priv WHERE user LIKE 'lcb_import%' AND COALESCE(JSON_VALUE(priv, '$.account_locked'), 0) <> 1`,
  );

describe('a dump of mariadb-dump', () => {
  it.each([
    ['as it comes', []],
    ['with --single-transaction --quick', ['--single-transaction', '--quick']],
    [
      'with --hex-blob --skip-extended-insert --complete-insert',
      ['--hex-blob', '--skip-extended-insert', '--complete-insert'],
    ],
    ['with --databases --add-drop-database', ['--add-drop-database', '--databases', 'source']],
    ['with --skip-opt --no-autocommit', ['--skip-opt', '--create-options', '--no-autocommit']],
    ['with --replace --tz-utc=0', ['--replace', '--skip-tz-utc', '--skip-dump-date', '--skip-comments']],
  ])('made %s loads and is what it was', async (_, options) => {
    const target = await emptyTarget();
    await importInto(target, await plainDump('source', options));
    expect(withoutDefiners(await server.asText(target))).toBe(withoutDefiners(await server.asText('source')));
    expect(Number(await openGuests())).toBe(0);
    expect(await server.value(target, 'SELECT twice(4)')).toBe(8);
    expect(await server.value(target, 'SELECT COUNT(*) FROM c_view')).toBeDefined();
  });
});

const before =
  "/*M!999999\\- enable the sandbox mode */\nCREATE TABLE t (x text);\nINSERT INTO t VALUES ('; \\\\! id; it\\'s');\n/* it's */\n";
/** Where what follows {@link before} stands. */
const line = before.split('\n').length;

const NOT_KEPT = /is refused: a dump takes a setting only from a variable in which it has kept/;
/** The statement, how it is refused, and whether it fails by the guest's rights alone. */
const escapes: readonly (readonly [sql: string, message: RegExp, guest?: 'allowed'])[] = [
  ['\\! id', /a command of the client/],
  ['\\. /etc/passwd', /a command of the client/],
  ['SELECT 1 \\G', /a command of the client/],
  ['system id', /SYSTEM ID is refused/],
  ['source /etc/passwd', /SOURCE is refused|SOURCE .* is refused/],
  ["LOAD DATA INFILE '/etc/passwd' INTO TABLE t", /LOAD DATA INFILE is refused/],
  ["LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE t", /LOAD DATA LOCAL is refused/],
  ["SELECT 1 INTO OUTFILE 'FOLDER/out'", /SELECT is refused/],
  ["/*!50000 SELECT 1 INTO DUMPFILE 'FOLDER/out' */", /SELECT is refused/],
  ["SELECT 1 /*!99999 x */ INTO /*!50000 OUTFILE */ 'FOLDER/out2'", /SELECT is refused/],
  ["CREATE VIEW v AS SELECT LOAD_FILE('/etc/passwd') AS x", /The function load_file is refused/, 'allowed'],
  [
    "CREATE VIEW v2 AS SELECT load_file/**/ ('/etc/passwd') AS x",
    /The function load_file is refused/,
    'allowed',
  ],
  ["INSERT INTO t VALUES (LOAD_FILE('/etc/passwd'))", /This INSERT is refused/, 'allowed'],
  ["INSTALL SONAME 'ha_connect'", /INSTALL SONAME is refused/],
  ["INSTALL PLUGIN x SONAME 'x.so'", /INSTALL PLUGIN X is refused/],
  ["CREATE FUNCTION f RETURNS INTEGER SONAME 'x.so'", /SONAME is refused/],
  ['SET GLOBAL general_log = 1', /SET GLOBAL GENERAL_LOG = is refused/],
  ['SET @@GLOBAL.general_log = 1', /is refused: a dump does not set it/],
  ["SET GLOBAL general_log_file = 'FOLDER/x'", /is refused/],
  ['GRANT ALL ON *.* TO x', /GRANT ALL ON is refused/],
  ["CREATE USER x IDENTIFIED BY 'y'", /CREATE USER X is refused/],
  ["SET PASSWORD = PASSWORD('x')", /is refused/, 'allowed'],
  ['USE mysql', /USE MYSQL is refused: the file is of source, and names mysql/],
  ['CREATE DATABASE elsewhere', /the file is of source, and names elsewhere/],
  ['DROP DATABASE secrets', /the file is of source, and names secrets/],
  ['INSERT INTO mysql.user VALUES (1)', /INTO mysql\.… is refused: it names a database/],
  ['CREATE TABLE secrets.t (x int)', /TABLE secrets\.… is refused/],
  ['CREATE VIEW v3 AS SELECT * FROM secrets.t', /FROM secrets\.… is refused/],
  ['CREATE VIEW v4 AS SELECT * FROM (SELECT * FROM `secrets` . `t`) x', /FROM secrets\.… is refused/],
  ['DROP TABLE secrets.t', /TABLE secrets\.… is refused/],
  ['CREATE TABLE a (x int) ENGINE = CONNECT', /ENGINE CONNECT is refused/],
  [
    "CREATE TABLE a2 (x int NOT NULL) ENGINE='CSV'",
    /ENGINE CSV is refused: its rows lie elsewhere/,
    'allowed',
  ],
  ['CREATE TABLE a3 (x int NOT NULL) ENGINE "csv"', /ENGINE csv is refused/, 'allowed'],
  ["CREATE TABLE a4 (x int NOT NULL) ENGINE='CS\\V'", /ENGINE is refused: the name of the engine/, 'allowed'],
  ['CREATE TABLE a5 (x int NOT NULL) ENGINE=`MRG_MyISAM`', /ENGINE MRG_MyISAM is refused/, 'allowed'],
  ["SET default_storage_engine = 'CSV'", /is refused: rows of such tables lie elsewhere/, 'allowed'],
  ["SET @@SESSION.default_storage_engine = 'CS\\V'", /is refused: rows of such tables lie/, 'allowed'],
  ['SET default_storage_engine = CSV', /is refused: rows of such tables lie elsewhere/, 'allowed'],
  ["SET @e = 'CSV'; SET default_storage_engine = @e", NOT_KEPT, 'allowed'],
  ["ALTER TABLE t ENGINE='FEDERATED' CONNECTION='mysql://x@h/d/t'", /ENGINE FEDERATED is refused/],
  ["ALTER TABLE t CONNECTION='mysql://x@h/d/t'", /CONNECTION is refused: it names another server/, 'allowed'],
  ["CREATE TEMPORARY TABLE t2 (x int) CONNECTION 'mysql://x@h/d/t'", /is refused/, 'allowed'],
  [
    "CREATE TABLE t3 (x int) PARTITION BY HASH (x) (PARTITION p CONNECTION = 'mysql://x@h/d/t')",
    /CONNECTION is refused/,
    'allowed',
  ],
  ["CREATE PROCEDURE p() ALTER TABLE t CONNECTION = 'mysql://x@h/d/t'", /CONNECTION is refused/, 'allowed'],
  ["CREATE TABLE b (x int) DATA DIRECTORY = '/tmp'", /DATA DIRECTORY is refused/, 'allowed'],
  ['CREATE TABLE c AS SELECT * FROM secrets.t', /CREATE TABLE C is refused/],
  ["SET sql_mode = 'ANSI_QUOTES'", /is refused: text would be read in another way/, 'allowed'],
  ["SET sql_mode = 'NO_BACKSLASH_ESCAPES'", /is refused: text would be read in another way/, 'allowed'],
  ['SET sql_mode = 4', /is refused: text would be read in another way/, 'allowed'],
  ["SET sql_mode = 'NO_BACK\\SLASH_ESCAPES'", /is refused: text would be read in another way/, 'allowed'],
  ["SET sql_mode = 'NEW_MODE'", /is refused: text would be read in another way/],
  ["SET @v = 'NO_BACK\\SLASH_ESCAPES'; SET SQL_MODE = @v", NOT_KEPT, 'allowed'],
  ['SET @v = 1048576; SET SQL_MODE = @v', NOT_KEPT, 'allowed'],
  ['SET @v = 0x414E53495F51554F544553; SET SQL_MODE = @v', NOT_KEPT, 'allowed'],
  ["SET @c = 'gbk'; SET CHARACTER_SET_CLIENT = @c", NOT_KEPT, 'allowed'],
  ["SET @OLD = @@SQL_MODE; SET @`old` = 'ANSI_QUOTES'; SET SQL_MODE = @OLD", NOT_KEPT, 'allowed'],
  ["SET @v = 'ANSI_QUOTES'; SET @v = @@SQL_MODE, SQL_MODE = @v", NOT_KEPT, 'allowed'],
  ['SET @old = @@CHARACTER_SET_RESULTS; SET CHARACTER_SET_CLIENT = @old', NOT_KEPT, 'allowed'],
  ['SET @old = @@GLOBAL.sql_mode; SET SQL_MODE = @old', NOT_KEPT, 'allowed'],
  ["SET @OLD = @@SQL_MODE; SET @ÖLD = 'ANSI_QUOTES'", /is refused: a dump only keeps settings/, 'allowed'],
  [
    "SET @OLD = @@SQL_MODE; CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET @'old' = 4; SET SQL_MODE = @OLD",
    NOT_KEPT,
    'allowed',
  ],
  ['SET collation_connection = gbk_chinese_ci', /only files in UTF-8/, 'allowed'],
  ['SET NAMES gbk', /only files in UTF-8/, 'allowed'],
  ['SET character_set_client = sjis', /only files in UTF-8/, 'allowed'],
  ["PREPARE p FROM 'SELECT 1'", /PREPARE P FROM is refused/, 'allowed'],
  ['CALL x()', /CALL X is refused/],
  ['DELIMITER //\nCREATE TABLE d (x int); DROP TABLE t//\nDELIMITER ;', /several statements stand where one/],
  [
    "DELIMITER //\nCREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW BEGIN SELECT 1 INTO OUTFILE 'FOLDER/y'; END//",
    /INTO OUTFILE is refused/,
  ],
  ['/*!50003 SELECT /*!50003 1 */ */', /code in a comment inside of another/],
  ['DROP TABLE t, lcb_restore', /What names lcb_restore is refused/, 'allowed'],
  ['CREATE OR REPLACE TABLE `LCB_restore` (x int)', /What names lcb_restore is refused/, 'allowed'],
  [
    'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DROP TABLE lcb_restore',
    /What names lcb_restore is/,
    'allowed',
  ],
  ['SHUTDOWN', /SHUTDOWN is refused/],
  ['KILL 1', /KILL is refused/, 'allowed'],
  ['CHANGE MASTER TO MASTER_HOST = "x"', /^$/],
];

describe('an escape', () => {
  beforeAll(async () => {
    await server.create('secrets', 'CREATE TABLE t (x int); INSERT INTO t VALUES (1);');
    await server.create('secured', 'CREATE TABLE t (x text);');
  });

  it('does harm where nobody looks: as an administrator', async () => {
    const folder = await server.value(undefined, 'SELECT @@datadir');
    await server.run(
      'secured',
      `SELECT 'x' INTO OUTFILE '${folder}/harm'; CREATE TABLE read_back (x text); INSERT INTO read_back VALUES (LOAD_FILE('${folder}/harm')); INSERT INTO secrets.t VALUES (2);`,
    );
    expect(await server.value('secured', 'SELECT x FROM read_back')).toBe('x\n');
    expect(Number(await server.value(undefined, 'SELECT COUNT(*) FROM secrets.t'))).toBe(2);
  });

  it.each(escapes.map(([template, message, guest]) => ({ template, message, guest })))(
    '$template is refused or left out, and a guest may not do it',
    async ({ template, message, guest }) => {
      const sql = template.replaceAll('FOLDER', '/tmp');
      const reading = async () => {
        const file = `USE source;\n${before.replace(/^.*\n/, '')}${sql};\n`;
        const read: string[] = [];
        for await (const item of guardMysqlDump(inChunks(file, 7), {
          target: 'target',
          name: 'upload.sql',
          server: { flavour: 'mariadb', version: '10.11.6' },
        }))
          read.push(item.kind);
        return read;
      };
      if (message.source === '^$') expect((await reading()).at(-1)).toBe('skipped');
      else {
        await expect(reading()).rejects.toMatchObject({
          code: 'sql.refused',
          message: expect.stringMatching(message),
        });
        const at = sql.startsWith('DELIMITER') ? line + 1 : line;
        await expect(reading()).rejects.toThrow(`upload.sql, line ${at}: `);
      }
      if (guest === 'allowed' || /^(?:\\|SELECT 1 \\|system|source|DELIMITER|\/\*!50003)/.test(sql)) return;
      const asGuest = withGuest(parseEndpoint(server.connection('secured')), 'ALL PRIVILEGES', (login) =>
        withSession(login, (session) => session.run(sql)),
      );
      await expect(asGuest).rejects.toMatchObject({ code: expect.stringMatching(/^database\./) });
    },
  );
});

describe('settings by which text is read', () => {
  /** In another mode the literal would end at its backslash, and the rest be code. */
  const code =
    "CREATE TABLE x (a text, b text);\nINSERT INTO x VALUES ('\\', (SELECT CURRENT_USER())) -- ');\n";

  it.each([
    "SET SQL_MODE = 'NO_BACK\\SLASH_ESCAPES'",
    "SET @v = 'NO_BACK\\SLASH_ESCAPES';\nSET SQL_MODE = @v",
    'SET @v = 1048576;\nSET SQL_MODE = @v',
    'SET @v = 0x4E4F5F4241434B534C4153485F45534341504553;\nSET SQL_MODE = @v',
    "SET @c = 'gbk';\nSET CHARACTER_SET_CLIENT = @c",
  ])('are not changed by %s', async (sql) => {
    const target = await emptyTarget();
    await expect(importInto(target, `${sql};\n${code}`)).rejects.toMatchObject({ code: 'sql.refused' });
    expect(await server.value(target, "SHOW TABLES LIKE 'x'")).toBeUndefined();
  });

  it('are put back, whatever the variables are called', async () => {
    const target = await emptyTarget();
    await importInto(
      target,
      "SET @`Old_Mode` = @@SESSION.sql_mode, @'OLD_SET' = @@character_set_client;\nSET SQL_MODE = '', NAMES latin1;\nSET sql_mode = @old_mode, character_set_client = @`old_set`;\nCREATE TABLE größe (x int);\n",
    );
    expect(await server.value(target, "SHOW TABLES LIKE 'g%'")).toBe('größe');
  });

  it('are those that the dump programs of MySQL 8 and 5.7 write', async () => {
    const file = `/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;
/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;
/*!50503 SET NAMES utf8mb4 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
SET @MYSQLDUMP_TEMP_LOG_BIN = @@SESSION.SQL_LOG_BIN;
SET @@SESSION.SQL_LOG_BIN= 0;
SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '';
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!50503 SET character_set_client = utf8mb4 */;
/*!40101 SET character_set_client = @saved_cs_client */;
/*!50003 SET @saved_sql_mode       = @@sql_mode */ ;
/*!50003 SET sql_mode              = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION' */ ;
/*!50003 SET @saved_col_connection = @@collation_connection */ ;
/*!50003 SET character_set_results = utf8mb4 */ ;
/*!50003 SET collation_connection  = utf8mb4_0900_ai_ci */ ;
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=\`root\`@\`%\`*/ /*!50003 TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.x = @seen */;;
DELIMITER ;
/*!50003 SET sql_mode              = @saved_sql_mode */ ;
/*!50003 SET collation_connection  = @saved_col_connection */ ;
/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
/*!40014 SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS */;
/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;
/*!40101 SET CHARACTER_SET_RESULTS=@OLD_CHARACTER_SET_RESULTS */;
/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;
SET @@SESSION.SQL_LOG_BIN = @MYSQLDUMP_TEMP_LOG_BIN;
`;
    const skipped: number[] = [];
    for await (const { kind, line: at } of guardMysqlDump(inChunks(file), {
      target: 'target',
      name: 'upload.sql',
      server: { flavour: 'mysql', version: '8.4.2' },
    }))
      if (kind === 'skipped') skipped.push(at);
    expect(skipped).toEqual([10, 11, 30]);
  });

  it('are asked of the server, too', async () => {
    const place = { name: 'upload.sql', line: 1, command: 'SET X' };
    const [set, other] = lexMysql(
      'SET x = 1; SELECT 1',
      new MysqlLexer('x', { flavour: 'mariadb', version: '10.11.6' }),
    );
    if (!set || !other) throw new Error('Nothing was lexed');
    await withSession(
      parseEndpoint(server.connection('source')),
      async (session) => {
        for (const changed of ["sql_mode = 'NO_BACKSLASH_ESCAPES'", "sql_mode = 'ANSI'", 'NAMES gbk']) {
          const reading = new AgreedReading(session);
          await session.run("SET sql_mode = '', NAMES utf8mb4");
          await reading.assertUnchanged(set, place);
          await session.run(`SET ${changed}`);
          await reading.assertUnchanged(other, place);
          await expect(reading.assertUnchanged(set, place)).rejects.toMatchObject({ code: 'sql.refused' });
        }
      },
      { rawBytes: true },
    );
  });

  it('make a byte a blank in some character sets: then names outside of quotes are ASCII', async () => {
    const target = await emptyTarget();
    const view = 'CREATE TABLE t (`aÃ` int);\nCREATE VIEW v AS SELECT aàFROM t;\n';
    await expect(importInto(target, `SET NAMES latin1;\n${view}`)).rejects.toThrow(
      /line 3: CREATE VIEW V is refused: a name in it is not plain ASCII/,
    );
  });
});

it('a column may be called as what is refused as an option', async () => {
  const target = await emptyTarget();
  await importInto(
    target,
    "CREATE TABLE t (connection text DEFAULT 'x', engine text) ENGINE='InnoDB';\nCREATE PROCEDURE p() UPDATE t SET connection = 'x';\n",
  );
  expect(await server.value(target, `SELECT COUNT(*) FROM t`)).toBeDefined();
});

describe('the definer', () => {
  it('of what a dump makes is the guest, which then is locked and has this database only', async () => {
    const target = await emptyTarget();
    await importInto(
      target,
      'CREATE TABLE t (x int);\n/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`root`@`localhost` SQL SECURITY DEFINER */\n/*!50001 VIEW v AS SELECT x FROM t */;\n',
    );
    const definer = await server.value(
      target,
      `SELECT definer FROM information_schema.views WHERE table_schema = '${target}'`,
    );
    expect(definer).toBe(`${guestName(target)}@%`);
    const grants = await server.value(
      undefined,
      `SELECT GROUP_CONCAT(privilege_type) FROM information_schema.user_privileges WHERE grantee LIKE '%${guestName(target)}%'`,
    );
    expect(grants).toBe('USAGE');
    expect(Number(await openGuests())).toBe(0);
    await server.run(target, 'SELECT * FROM v;');
  });

  it('is nobody where nothing needs one', async () => {
    const target = await emptyTarget();
    await importInto(target, 'CREATE TABLE t (x int);\n');
    expect(
      Number(
        await server.value(undefined, `SELECT COUNT(*) FROM mysql.user WHERE user = '${guestName(target)}'`),
      ),
    ).toBe(0);
  });
});

describe('the connection', () => {
  it('of a user that has this database only is used itself, one with more and no right to make users is refused', async () => {
    await server.run(
      undefined,
      `CREATE DATABASE modest; CREATE USER modest IDENTIFIED BY 'modest-secret'; GRANT ALL ON modest.* TO modest;`,
    );
    const connection = server.connection('modest', 'modest', 'modest-secret');
    await importInto('modest', 'CREATE TABLE t (x int);\n', { connection });
    const made = await server.engine.dump(dumpRequest(server, 'modest', new MemoryStore()));
    expect(made.untrusted).toBe(true);
    await server.run(
      undefined,
      'DROP DATABASE modest; CREATE DATABASE modest; GRANT SELECT ON secrets.* TO modest;',
    );
    await expect(importInto('modest', '', { connection })).rejects.toMatchObject({
      code: 'sql.rightsTooWide',
    });
  });

  it('is to an empty database', async () => {
    await expect(importInto('secrets', '')).rejects.toMatchObject({ code: 'database.targetOccupied' });
  });
});

describe('names with the database of the dump before them', () => {
  const header = '-- MariaDB dump 10.19\n--\n-- Host: localhost    Database: of-old\n-- ---\n';
  const end = '-- Dump completed\n';
  const body = `CREATE TABLE t (x INT); CREATE TABLE log (x INT);
INSERT INTO \`of-old\`.log VALUES (1);
DELIMITER ;;
CREATE TRIGGER \`of-old\`.copies AFTER INSERT ON \`of-old\`.t FOR EACH ROW INSERT INTO \`of-old\`.log VALUES (NEW.x) ;;
DELIMITER ;
`;

  it('mean the one that is loaded', async () => {
    const target = await emptyTarget();
    await importInto(target, header + body + end);
    await server.run(target, 'INSERT INTO t VALUES (7)');
    expect(await server.value(target, 'SELECT SUM(x) FROM log')).toBe('8');
  });

  it.each([
    ['another than the file says', header.replace('of-old', 'mine')],
    ["the server's own", header.replace('of-old', 'mysql')],
  ])('are refused when they are %s', async (_, other) => {
    const importing = importInto(await emptyTarget(), other + body + end);
    await expect(importing).rejects.toThrow(/INTO of-old\.… is refused: it names a database/);
  });

  it("are refused when they are the server's own, whatever the file says", async () => {
    const own = header.replace('of-old', 'mysql') + body.replaceAll('`of-old`', 'mysql') + end;
    await expect(importInto(await emptyTarget(), own)).rejects.toThrow(/INTO mysql\.… is refused/);
  });
});

describe('a dump without its last line', () => {
  const completed = '-- Dump completed';

  it('is not taken for a whole one', async () => {
    const dump = (await plainDump('source', [])).toString('latin1');
    const cut = Buffer.from(dump.slice(0, dump.lastIndexOf(completed)), 'latin1');
    await expect(importInto(await emptyTarget(), cut)).rejects.toMatchObject({
      code: 'database.dumpTruncated',
    });
  });

  it('is not taken for a whole one right behind another, as events are in a download', async () => {
    const head = '-- MariaDB dump 10.19\n--\n-- Host: localhost    Database: x\n';
    const first = `${head}CREATE TABLE t (x int);\n${completed} on 2025-11-09 14:30:00\n`;
    const second = `${head}SET @saved_time_zone = @@time_zone;\n${completed}\n`;
    for (const cut of [3, head.length, second.length - 3]) {
      const importing = importInto(await emptyTarget(), first + second.slice(0, cut));
      await expect(importing).rejects.toMatchObject({ code: 'database.dumpTruncated' });
    }
    for (const whole of [first, first.trimEnd(), first + second, `${first}${second}\r\n\n`])
      await importInto(await emptyTarget(), whole);
  });
});
