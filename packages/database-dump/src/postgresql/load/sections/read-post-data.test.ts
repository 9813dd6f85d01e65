import { describe, expect, it } from 'vitest';
import { inChunks } from '../../../testing/plain-dump.ts';
import { readPostData } from './read-post-data.ts';

const read = (sql: string) => readPostData(inChunks(sql, 7));

const preamble = String.raw`--
-- PostgreSQL database dump
--
\restrict abc
SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);
`;

describe('the last section of a dump', () => {
  it('gives keys and indexes, the settings for them, and the rest in its order', async () => {
    const found = await read(`${preamble}
ALTER TABLE ONLY public.a ADD CONSTRAINT "a pk; UNIQUE" PRIMARY KEY (id);
ALTER TABLE public.a CLUSTER ON "a pk; UNIQUE";
ALTER TABLE ONLY public.a ADD CONSTRAINT a_x EXCLUDE USING gist (r WITH &&);
COMMENT ON CONSTRAINT "a pk; UNIQUE" ON public.a IS 'CREATE INDEX x ON y (z);';
ALTER TABLE ONLY "We""ird".b ADD CONSTRAINT b_u UNIQUE (x);
CREATE INDEX a_i ON ONLY public.a USING btree (lower(t)) WHERE (t <> ';'::text);
CREATE UNIQUE INDEX b_i ON "We""ird".b USING btree (y);
ALTER INDEX public.a_i ATTACH PARTITION public.a1_i;
CREATE TRIGGER t BEFORE INSERT ON public.a FOR EACH ROW EXECUTE FUNCTION public.f();
CREATE INDEX late ON public.a USING btree (z);
ALTER TABLE ONLY public.a ADD CONSTRAINT fk FOREIGN KEY (x) REFERENCES "We""ird".b(x);
\\unrestrict abc
`);
    expect(found.settings).toEqual([
      'SET statement_timeout = 0',
      "SELECT pg_catalog.set_config('search_path', '', false)",
    ]);
    expect(found.indexes.map(({ table, isKey }) => [table, isKey])).toEqual([
      ['public.a', true],
      ['"We""ird".b', true],
      ['public.a', false],
      ['"We""ird".b', false],
    ]);
    expect(found.rest.map((sql) => sql.slice(0, 24))).toEqual([
      'ALTER TABLE public.a CLU',
      'ALTER TABLE ONLY public.',
      'COMMENT ON CONSTRAINT "a',
      'ALTER INDEX public.a_i A',
      'CREATE TRIGGER t BEFORE ',
      'CREATE INDEX late ON pub',
      'ALTER TABLE ONLY public.',
    ]);
  });

  it.each([
    'CREATE FUNCTION public.f(integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN 1;',
    'CREATE OR REPLACE VIEW public.v AS SELECT 1;',
    "SET default_tablespace = 'other';",
  ])('takes nothing out of what follows %s', async (sql) => {
    const { indexes, rest } = await read(
      `${preamble}CREATE INDEX first ON public.a (x); ${sql} CREATE INDEX second ON public.a (public.f(x));`,
    );
    expect(indexes).toHaveLength(1);
    expect(rest).toHaveLength(2);
  });

  it('reads backslashes as the source did', async () => {
    const { indexes, rest } = await read(
      String.raw`SET standard_conforming_strings = off; CREATE INDEX a ON s.t (x) WHERE (x <> 'it\'s; '); CREATE RULE r AS ON DELETE TO s.t DO NOTHING;`,
    );
    expect([indexes.length, rest.length]).toEqual([1, 1]);
  });
});
