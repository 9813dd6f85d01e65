import { describe, expect, it } from 'vitest';
import { SqlLexer } from '../postgresql/inspector/sql-lexer.ts';
import { FirstStatements } from './first-statements.ts';

function look(sql: string) {
  const statements = new FirstStatements();
  const lexer = new SqlLexer({
    statement: (text) => {
      statements.add(text);
      return false;
    },
    rows: () => undefined,
    comment: () => undefined,
  });
  lexer.push(Buffer.from(sql));
  return statements.found;
}

describe('the first statements of a dump', () => {
  it('are told by their command and its object, in any case, past comments', () => {
    expect(
      look(`-- PostgreSQL database dump
\\restrict abc
SET statement_timeout = 0;
create table lportal."DLFileEntry" (a integer default (1));
/* two */ CREATE UNIQUE INDEX ix ON t USING btree (a);
CREATE OR REPLACE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ begin; garbage; end $$;
SELECT pg_catalog.setval('s', 1);
ALTER TABLE ONLY t ADD CONSTRAINT c PRIMARY KEY (a);
`),
    ).toEqual({
      parsed: 6,
      kinds: {
        'ALTER TABLE': 1,
        'CREATE FUNCTION': 1,
        'CREATE INDEX': 1,
        'CREATE TABLE': 1,
        SELECT: 1,
        SET: 1,
      },
      unrecognised: { count: 0 },
    });
  });

  it('that are no SQL are counted, the first one by its first word alone', () => {
    const found = look(`SET a = 1; Hello 'secret'; ${'x'.repeat(50)} y;`);
    expect(found).toEqual({ parsed: 3, kinds: { SET: 1 }, unrecognised: { count: 2, first: 'HELLO' } });
  });

  it('are a hundred', () => {
    expect(look('SET a = 1;'.repeat(250)).parsed).toBe(100);
  });
});
