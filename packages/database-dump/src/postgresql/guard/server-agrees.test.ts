import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { lexScript } from '../script/read-script.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.stop());

const text = fc.string({
  unit: fc.constantFrom(
    ...[
      "'",
      '"',
      ';',
      '\\',
      '$',
      '$$',
      '$x$',
      '--',
      '/*',
      '*/',
      '\n',
      '\r',
      ' ',
      'é',
      'E',
      'U&',
      '(',
      ')',
      ',',
      'a',
    ],
    '; select 1; ',
  ),
  maxLength: 12,
});

/** A literal with this text in it, and what the server has to answer. */
const literal = text.chain((inner) =>
  fc.constantFrom(
    { sql: `'${inner.replaceAll("'", "''")}'`, value: inner },
    { sql: `E'${inner.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`, value: inner },
    { sql: `E'${inner.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`, value: inner },
    { sql: `$q$${inner.replaceAll('$', '')}$q$`, value: inner.replaceAll('$', '') },
    { sql: `/*${inner.replaceAll(/[/*]/g, '')}/*${inner.replaceAll(/[/*]/g, '')}*/*/ 'x'`, value: 'x' },
    { sql: `--${inner.replaceAll(/[\r\n]/g, '')}\n 'y'`, value: 'y' },
    { sql: `'z' --${inner.replaceAll(/[\r\n]/g, '')}\n`, value: 'z' },
  ),
);

it('the server reads what was lexed as the lexer did', async () => {
  await server.withClient('postgres', async (client) => {
    await fc.assert(
      fc.asyncProperty(fc.array(literal, { minLength: 1, maxLength: 5 }), async (parts) => {
        const sql = `SELECT ${parts.map((part) => part.sql).join(',')}; SELECT 'the end';`;
        const [first, last, ...more] = lexScript({ name: 'x', sql });
        expect([last?.sql.trim(), more]).toEqual(["SELECT 'the end'", []]);
        const { rows } = await client.query({ text: first?.sql ?? '', rowMode: 'array' });
        expect(rows).toEqual([parts.map(({ value }) => value)]);
      }),
      { numRuns: 3000 },
    );
  });
});
