import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DumpInspector } from './dump-inspector.ts';

const end = '\n--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict abc\n\n';

function inspect(text: string, cuts: readonly number[] = []) {
  const bytes = Buffer.from(text + end);
  const inspector = new DumpInspector();
  const edges = [
    0,
    ...[...cuts].sort((a, b) => a - b).map((cut) => Math.min(cut, bytes.length)),
    bytes.length,
  ];
  for (let i = 1; i < edges.length; i += 1) inspector.push(bytes.subarray(edges[i - 1], edges[i]));
  return inspector.finish();
}

const copy = (table: string, rows: readonly string[]) =>
  `COPY public.${table} (a) FROM stdin;\n${rows.map((row) => `${row}\n`).join('')}\\.\n\n\n`;

describe('DumpInspector', () => {
  it('counts rows, large objects and sequences', () => {
    const dump = `\\restrict abc
SET standard_conforming_strings = on;
${copy('one', ['1\t\\N', '2', ''])}SELECT pg_catalog.lo_create('16399');
SELECT pg_catalog.lowrite(0, '\\x4142');
SELECT pg_catalog.setval('public.s', 1, false);
COPY "we ird"."ta""ble" ("a;b", "FROM stdin;") FROM stdin;
x
\\.
COPY public.nothing  FROM stdin;
\\.
`;
    expect(inspect(dump)).toMatchObject({
      tables: [
        { schema: 'public', table: 'one', rows: 3 },
        { schema: 'we ird', table: 'ta"ble', rows: 1 },
        { schema: 'public', table: 'nothing', rows: 0 },
      ],
      largeObjects: 1,
      sequences: 1,
    });
  });

  it.each([
    ['a literal', `SELECT 'it''s\nCOPY public.x (a) FROM stdin;\n';`],
    ['a literal that ends in a backslash', `COMMENT ON TABLE t IS 'a\\';`],
    ['an escaped literal', `SELECT E'\\'; COPY public.x (a) FROM stdin;\n';`],
    ['an escaped literal with a doubled quote', `SELECT E'a''\\';\nCOPY public.x (a) FROM stdin;\n';`],
    ['an escaped literal in two parts', `SELECT E'a'\n  'b\\';\nCOPY public.x (a) FROM stdin;\n';`],
    ['a name that ends in e before a literal', `SELECT typee'\\';`],
    ['a name', `CREATE TABLE "x;\nCOPY public.x (a) FROM stdin;\n" (a int);`],
    ['a dollar quote', `CREATE FUNCTION f() AS $$\nCOPY public.x (a) FROM stdin;\n$$;`],
    ['a tagged dollar quote', `AS $_a1$ $$ $_a$ $_a1 \nCOPY public.x (a) FROM stdin;\n$$_a1$;`],
    ['a parameter, and a name with a dollar sign', `SELECT $1, a$b$ FROM t; SELECT x$$;`],
    ['a line comment', `-- it's $$ /* \nSELECT 1;`],
    ['nested comments', `/* a /* b */ ' $$ ; COPY public.x (a) FROM stdin;\n /*/ */ */ */ SELECT 1;`],
    ['a rule', `CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM a; COPY public.x (a) FROM stdin;);`],
    ['a COPY to a client', 'COPY public.x (a) TO stdout;'],
    ['a minus before a minus', 'SELECT 1 - - 1;'],
  ])('is not fooled by %s', (_, statement) => {
    const expected = [{ schema: 'public', table: 'real', rows: 1 }];
    const dump = `${statement}\n${copy('real', ['1'])}`;
    expect(inspect(dump).tables).toEqual(expected);
    const everyByte = Array.from({ length: dump.length * 2 }, (_, at) => at);
    expect(inspect(dump, everyByte).tables).toEqual(expected);
  });

  it('heeds backslashes in literals where the dump turns them on', () => {
    const dump = `SET standard_conforming_strings = off;\nSELECT 'a\\';\nCOPY public.x (a) FROM stdin;\n';\n`;
    expect(inspect(dump).tables).toEqual([]);
  });

  it.each([
    ['in rows', 'COPY public.x (a) FROM stdin;\n1\n'],
    ['in a literal', "SELECT '"],
    ['in a statement', 'SELECT 1'],
  ])('reports a dump that ends %s', (_, text) => {
    const inspector = new DumpInspector();
    inspector.push(Buffer.from(`${end}${text}`));
    expect(() => inspector.finish()).toThrow(expect.objectContaining({ code: 'database.dumpTruncated' }));
  });

  it('reports a dump without its last line', () => {
    const inspector = new DumpInspector();
    inspector.push(Buffer.from(`SELECT 1;\n-- PostgreSQL database dump\n`));
    expect(() => inspector.finish()).toThrow(
      expect.objectContaining({ code: 'database.dumpTruncated', retryable: true }),
    );
  });

  it('counts the same however the dump is built and cut', () => {
    const row = fc.string({
      unit: fc.constantFrom('a', '.', '\\\\', '\\N', '\t', 'é', "'", '$$', '--'),
      maxLength: 12,
    });
    const table = fc
      .array(row, { maxLength: 20 })
      .map((rows) => ({ sql: copy('t', rows), rows: rows.length }));
    const fake = '\nCOPY public.fake (a) FROM stdin;\n1\n\\.\n';
    const noise = fc
      .string({ unit: fc.constantFrom('a', ';', '-', '/', '*', '\n', ' ', '"', '(', fake), maxLength: 12 })
      .chain((text) =>
        fc.constantFrom(
          `SELECT '${text}';\n`,
          `SELECT E'${text}\\'${text}';\n`,
          `SELECT $x$${text}$$${text}$x$;\n`,
          `/*${text.replaceAll(/[/*]/g, '')}*/\n`,
          `-- ${text.replaceAll('\n', ' ')}\n`,
          `SELECT "x${text.replaceAll('"', '""')}";\n`,
        ),
      )
      .map((sql) => ({ sql, rows: undefined }));
    const parts = fc.array(fc.oneof(table, noise), { maxLength: 12 });
    fc.assert(
      fc.property(parts, fc.array(fc.nat(2000), { maxLength: 40 }), (items, cuts) => {
        const expected = items.flatMap(({ rows }) => (rows === undefined ? [] : [rows]));
        const { tables } = inspect(items.map(({ sql }) => sql).join(''), cuts);
        expect(tables.map(({ rows }) => rows)).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });
});
