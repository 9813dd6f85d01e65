/** What a dump could get wrong, in one database. */
export const awkwardDatabase = String.raw`
CREATE SCHEMA "lpartition_1";
CREATE SCHEMA "we ird""; schema";
CREATE TYPE mood AS ENUM ('sad', 'it''s ok', 'happy');

CREATE TABLE "we ird""; schema"."ta ble; COPY x FROM stdin;" ("a "" b" int PRIMARY KEY, "select" text, m mood, b bytea);
INSERT INTO "we ird""; schema"."ta ble; COPY x FROM stdin;" VALUES
  (1, E'line one\nline two\r\n\\.\n\\N\ttab', 'it''s ok', '\xdeadbeef00'),
  (2, '\.', NULL, ''), (3, '', 'sad', NULL), (4, 'Zażółć 漢字 🦊 $$ -- /* '' ;', 'happy', '\x0a5c2e0a'),
  (5, NULL, NULL, NULL);

CREATE TABLE no_columns ();
INSERT INTO no_columns DEFAULT VALUES;
INSERT INTO no_columns DEFAULT VALUES;

CREATE TABLE one_column (line text);
INSERT INTO one_column VALUES ('\.'), (''), (E'\n'), (NULL), ('COPY public.fake (a) FROM stdin;');

CREATE TABLE events (id int GENERATED ALWAYS AS IDENTITY, at date NOT NULL, twice int GENERATED ALWAYS AS (extract(year FROM at)::int * 2) STORED)
  PARTITION BY RANGE (at);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE "lpartition_1".events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
INSERT INTO events (id, at) OVERRIDING SYSTEM VALUE
  SELECT i, date '2024-06-01' + i FROM generate_series(1, 400) i;

CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE child (extra text) INHERITS (parent);
INSERT INTO parent VALUES (1), (2);
INSERT INTO child VALUES (3, 'three');

CREATE UNLOGGED TABLE cache (id int);
INSERT INTO cache VALUES (1);

CREATE SEQUENCE "Odd Seq" START 5;
SELECT nextval('"Odd Seq"');

CREATE VIEW tricky AS SELECT 'x;
COPY public.fake (a) FROM stdin;
1
\.
' AS text, E'\\''' AS other FROM parent;
CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM parent;

CREATE FUNCTION fake() RETURNS trigger LANGUAGE plpgsql AS $fn$
BEGIN
  -- it's; $$ nested $$
  EXECUTE 'COPY public.fake (a) FROM stdin;';
/*
COPY public.fake (a) FROM stdin;
1
\.
*/
  RETURN NEW;
END $fn$;
CREATE TRIGGER fake_trigger BEFORE UPDATE ON child FOR EACH ROW EXECUTE FUNCTION fake();
CREATE RULE two AS ON DELETE TO cache DO ALSO (DELETE FROM child WHERE extra = ';'; DELETE FROM one_column WHERE line = ';');
COMMENT ON TABLE parent IS 'COPY public.fake (a) FROM stdin;
1
\.';

CREATE TABLE dlcontent (id int PRIMARY KEY, data_ oid);
INSERT INTO dlcontent VALUES
  (1, lo_from_bytea(0, decode(repeat('00ff275c2e0a', 20000), 'hex'))), (2, lo_from_bytea(0, '')), (3, lo_create(0));
`;

/** Tables of it and their rows. */
export const awkwardTables = [
  ['lpartition_1', 'events_2025', 187],
  ['public', 'cache', 1],
  ['public', 'child', 1],
  ['public', 'dlcontent', 3],
  ['public', 'events_2024', 213],
  ['public', 'no_columns', 2],
  ['public', 'one_column', 5],
  ['public', 'parent', 2],
  ['we ird"; schema', 'ta ble; COPY x FROM stdin;', 5],
] as const;
