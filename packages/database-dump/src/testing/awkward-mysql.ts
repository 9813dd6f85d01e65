/** What a dump could get wrong, in one database. */
export const awkwardMysql = String.raw`
SET sql_mode = '';
CREATE TABLE ${'`ta ble; INSERT INTO ``x`` VALUES (1);`'} (${'`a `` b`'} int PRIMARY KEY, ${'`select`'} text, b blob, e enum('sad','it''s ok') DEFAULT NULL);
INSERT INTO ${'`ta ble; INSERT INTO ``x`` VALUES (1);`'} VALUES
  (1, 'line one\nline two\r\n\\.\n\\N\ttab', 0xdeadbeef00, 'it''s ok'),
  (2, ''');(''x', '', 'sad'), (3, '', NULL, NULL), (4, 'Zażółć 漢字 🦊 $$ -- /* '' ; " \\', 0x0a5c2e0a2700, ''),
  (5, NULL, NULL, NULL), (6, '\\''', 'a\0b', NULL), (7, '),(', '\Z\b%_', NULL);

CREATE TABLE types (id bigint UNSIGNED AUTO_INCREMENT PRIMARY KEY, a int, b int GENERATED ALWAYS AS (a + 1) STORED, v int AS (a * 2) VIRTUAL,
  c bit(7), g point, p polygon, j json, d datetime(6) DEFAULT '0000-00-00', ts timestamp NULL, da date, ti time(3), y year,
  f double, n decimal(30,10), vb varbinary(20), lt longtext CHARACTER SET latin1, s set('a','b'));
INSERT INTO types (a, c, g, p, j, d, ts, da, ti, y, f, n, vb, lt, s) VALUES
  (1, b'1010101', ST_PointFromText('POINT(1 2)'), ST_PolygonFromText('POLYGON((0 0,1 0,1 1,0 0))'), '{"a": "🦊\\n"}', '2025-01-02 03:04:05.678901',
   '2025-07-01 12:00:00', '0000-00-00', '-100:00:00.123', 1999, 1.7976931348623157e308, 12345678901234567890.0123456789, 0x00ff27, 'Größe', 'a,b'),
  (NULL, NULL, NULL, NULL, NULL, '0000-00-00', NULL, '2024-02-00', NULL, NULL, -0.1, NULL, '', '', '');
UPDATE types SET id = 0 WHERE id = 2;

CREATE TABLE empty_one (i int);
CREATE TABLE latin (t varchar(50)) CHARACTER SET latin1;
INSERT INTO latin VALUES ('äöü'), ('x');
CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE child (id int PRIMARY KEY, parent int, FOREIGN KEY (parent) REFERENCES parent (id));
INSERT INTO parent VALUES (1), (2); INSERT INTO child VALUES (1, 2), (2, NULL);
CREATE TABLE audit (what varchar(200));
CREATE TABLE frozen_not (i int) ENGINE = MyISAM; INSERT INTO frozen_not VALUES (1), (2);
CREATE TABLE parts (i int PRIMARY KEY) PARTITION BY RANGE (i) (PARTITION a VALUES LESS THAN (10), PARTITION b VALUES LESS THAN MAXVALUE);
INSERT INTO parts VALUES (1), (11);

CREATE SEQUENCE numbers START 5; SELECT NEXTVAL(numbers);
CREATE VIEW a_view AS SELECT 'x;
INSERT INTO fake VALUES (1);
' AS text, id FROM parent;
CREATE VIEW b_view AS SELECT * FROM a_view;
CREATE SQL SECURITY INVOKER VIEW c_view AS SELECT id FROM b_view;

DELIMITER //
CREATE TRIGGER child_inserted BEFORE INSERT ON child FOR EACH ROW
BEGIN
  -- it's; a comment
  INSERT INTO audit VALUES ('x;'); /* INSERT INTO fake VALUES (1); */
END//
CREATE PROCEDURE fake(IN x int) COMMENT 'INSERT INTO fake VALUES (1);'
BEGIN
  DECLARE y int DEFAULT 0;
  IF x > 1 THEN SET y = 1; END IF;
  SELECT 'INSERT INTO fake VALUES (1);' AS ${'`;`'};
END//
CREATE FUNCTION twice(x int) RETURNS int DETERMINISTIC RETURN x * 2//
CREATE EVENT fires ON SCHEDULE EVERY 1 SECOND DO INSERT INTO audit VALUES ('fired')//
DELIMITER ;
`;

/** Tables of it and their rows. */
export const awkwardMysqlTables = [
  ['audit', 0],
  ['child', 2],
  ['empty_one', 0],
  ['frozen_not', 2],
  ['latin', 2],
  ['parent', 2],
  ['parts', 2],
  ['ta ble; INSERT INTO `x` VALUES (1);', 7],
  ['types', 2],
] as const;
