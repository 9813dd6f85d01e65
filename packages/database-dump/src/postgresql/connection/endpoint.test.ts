import { describe, expect, it } from 'vitest';
import { parseEndpoint } from './endpoint.ts';
import { toolEnvironment } from './tool-environment.ts';

const parse = (url: string, password?: string) => parseEndpoint({ url, password });

describe('the URL of a database', () => {
  it.each([
    [
      'postgresql://me@db.example/lportal',
      { host: 'db.example', port: 5432, user: 'me', database: 'lportal' },
    ],
    ['postgres://a%40b@[::1]:6432/x%2Fy', { host: '::1', port: 6432, user: 'a@b', database: 'x/y' }],
    ['postgresql://me@/x?host=/run/postgresql', { host: '/run/postgresql', database: 'x' }],
    ['postgresql://me@h/x?sslmode=verify-full', { sslMode: 'verify-full' }],
  ])('%s', (url, expected) => {
    expect(parse(url)).toMatchObject(expected);
  });

  it.each([
    ['mysql://me@h/x', 'postgresql://'],
    ['postgresql://h/x', 'user'],
    ['postgresql://me@h', 'database'],
    ['postgresql://me:s3cr3t@h/x', 'password'],
    ['postgresql://me@h/x?password=s3cr3t', 'password'],
    ['postgresql://me@h/x?sslmode=maybe', 'sslmode'],
    ['postgresql://me@h/x?currentSchema=y', 'currentSchema'],
  ])('%s is refused, naming %s', (url, name) => {
    expect(() => parse(url)).toThrow(expect.objectContaining({ code: 'request.invalid' }));
    expect(() => parse(url)).toThrow(name);
    expect(() => parse(url)).not.toThrow('s3cr3t');
  });

  it('reaches the tools by their environment alone', () => {
    process.env.PGSERVICE = 'somewhere-else';
    const endpoint = parse('postgresql://me@h:1/x?sslmode=require&options=-c%20a%3D1', 'pass word');
    expect(toolEnvironment(endpoint, { synchronous_commit: 'off' })).toMatchObject({
      PGHOST: 'h',
      PGPORT: '1',
      PGUSER: 'me',
      PGDATABASE: 'x',
      PGPASSWORD: 'pass word',
      PGSSLMODE: 'require',
      PGOPTIONS: '-c a=1 -c synchronous_commit=off',
    });
    expect(toolEnvironment(endpoint)).not.toHaveProperty('PGSERVICE');
    delete process.env.PGSERVICE;
  });
});
