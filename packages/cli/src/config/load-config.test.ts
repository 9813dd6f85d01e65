import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { UsageError } from '../usage-error.ts';
import { loadConfig, parseConfig } from './load-config.ts';

const path = '/srv/lcb/lcb.yaml';

/** A good file, with one part of it replaced. */
function yaml(change: { readonly [line: string]: string } = {}): string {
  let text = `provider: local
projects:
  retail:
    environments:
      prd:
        database:
          engine: postgresql
          url: postgres://liferay@localhost:5432/lportal
          secret: env:LIFERAY_DB_PASSWORD
        library: data/document_library
        backups: /srv/backups
`;
  for (const [from, to] of Object.entries(change)) {
    if (!text.includes(from)) throw new Error(`${from} is not in the file`);
    text = text.replace(from, to);
  }
  return text;
}

function mistakes(text: string): readonly string[] {
  try {
    parseConfig(path, text);
  } catch (error) {
    if (error instanceof UsageError) return error.problems.map((problem) => problem.replace('/srv/lcb/', ''));
    throw error;
  }
  return [];
}

describe('a good file', () => {
  it('becomes settings, with paths made absolute and defaults filled in', () => {
    expect(parseConfig(path, yaml())).toEqual({
      stateDirectory: '/srv/lcb/.lcb',
      baseDirectory: '/srv/lcb',
      egress: { allow: [] },
      deletion: { graceSeconds: 604_800 },
      validation: { dumpSizeFactor: 4, libraryThreshold: 0 },
      catalog: { kind: 'embedded' },
      limits: expect.objectContaining({ total: 10, perProject: 10 }),
      stores: [],
      environments: [
        {
          projectId: 'retail',
          environment: 'prd',
          database: {
            engine: 'postgresql',
            url: 'postgres://liferay@localhost:5432/lportal',
            secret: 'env:LIFERAY_DB_PASSWORD',
            expectedTables: ['DLFileEntry'],
            ignoreSchemas: [],
            withoutData: [],
          },
          documentLibrary: {
            location: 'file:///srv/lcb/data/document_library',
            excludeGeneratedFiles: false,
          },
          backups: { location: 'file:///srv/backups' },
        },
      ],
    });
  });

  it('may say more of the library and the catalog', () => {
    const settings = parseConfig(
      path,
      yaml({
        'provider: local':
          'catalog: {url: "postgres://lcb@db/catalog", secret: "file:catalog.password"}\nlimits: {total: 3}',
        'library: data/document_library': 'library: {location: data, excludeGeneratedFiles: true}',
      }),
    );
    expect(settings.catalog).toEqual({
      kind: 'postgresql',
      url: 'postgres://lcb@db/catalog',
      secret: 'file:catalog.password',
    });
    expect(settings.limits.total).toBe(3);
    expect(settings.environments[0]?.documentLibrary).toEqual({
      location: 'file:///srv/lcb/data',
      excludeGeneratedFiles: true,
    });
  });

  it('may say for how long MySQL is locked, and not so of PostgreSQL, which need not be', () => {
    const database = (engine: string, scheme: string) => ({
      'engine: postgresql': `engine: ${engine}\n          lockSeconds: 5`,
      'postgres://': `${scheme}://`,
    });
    expect(parseConfig(path, yaml(database('mysql', 'mysql'))).environments[0]?.database?.lockSeconds).toBe(
      5,
    );
    expect(mistakes(yaml(database('postgresql', 'postgres')))).toEqual([
      expect.stringContaining('lockSeconds is for mysql'),
    ]);
  });

  it('may name buckets, and say how they are reached', () => {
    const { stores, environments } = parseConfig(
      path,
      yaml({
        'provider: local':
          'stores: [{location: s3://acme/, endpoint: "https://s3.example.com", region: eu-1, accessKeyId: "env:ID", secretAccessKey: "file:key"}]',
        'library: data/document_library': 'library: s3://acme/library/',
      }),
    );
    expect(environments[0]?.documentLibrary?.location).toBe('s3://acme/library');
    expect(stores).toEqual([
      {
        location: 's3://acme',
        endpoint: 'https://s3.example.com',
        region: 'eu-1',
        accessKeyId: 'env:ID',
        secretAccessKey: 'file:key',
      },
    ]);
  });

  it.each([
    ['{location: /srv}', 'stores.0.location must look like s3://bucket'],
    ['{location: s3://acme, accessKeyId: AKIA123}', 'stores.0.accessKeyId'],
    ['{location: s3://acme, endpoint: "ftp://x"}', 'stores.0.endpoint'],
    ['{location: s3://acme, partSize: 1000}', 'stores.0.partSize'],
    [
      '{location: s3://acme, accessKeyId: "env:ID"}',
      'stores.0 names only one of accessKeyId and secretAccessKey',
    ],
    ['{location: s3://acme, sessionToken: "env:T"}', 'stores.0 names a sessionToken without'],
    ['{location: s3://acme}, {location: s3://acme/}', 'stores.1 is about s3://acme, as stores.0 is'],
  ])('may not say of a bucket %s', (entries, sentence) => {
    const [first = ''] = mistakes(yaml({ 'provider: local': `stores: [${entries}]` }));
    expect(first).toContain(sentence);
    expect(first).not.toContain('AKIA123');
  });

  it('may name the catalog by its URL alone', () => {
    const { catalog } = parseConfig(path, yaml({ 'provider: local': 'catalog: postgres://lcb@db/catalog' }));
    expect(catalog).toEqual({ kind: 'postgresql', url: 'postgres://lcb@db/catalog' });
  });
});

describe('each mistake is a sentence that names place, field and fix', () => {
  it.each<[string, Record<string, string>, string]>([
    ['another provider', { 'provider: local': 'provider: aws' }, 'lcb.yaml:1:1: provider must be local.'],
    [
      'an unknown field',
      { 'library:': 'libary:' },
      'lcb.yaml:10:9: There is no field projects.retail.environments.prd.libary; did you mean library?',
    ],
    [
      'an unknown field at the top',
      { 'provider: local': 'providers: local' },
      'lcb.yaml:1:1: There is no field providers; did you mean provider?',
    ],
    [
      'an unknown limit',
      { 'provider: local': 'limits: {foo: 1}' },
      'lcb.yaml:1:10: There is no field limits.foo; it may be total, perProject, copyConcurrency, uploadBytes, leaseSeconds, stepSeconds, shardObjects, shardBytes or shardsAtOnce.',
    ],
    [
      'a missing field',
      { '        backups: /srv/backups\n': '' },
      'lcb.yaml:5:7: projects.retail.environments.prd.backups is missing. Folder or bucket that backups are written to: a path, relative to this file, or a URL such as file:///srv/backups or s3://bucket/prefix. Not inside the library.',
    ],
    [
      'an empty field',
      { 'backups: /srv/backups': 'backups:' },
      'lcb.yaml:11:9: projects.retail.environments.prd.backups is empty. Folder or bucket that backups are written to: a path, relative to this file, or a URL such as file:///srv/backups or s3://bucket/prefix. Not inside the library.',
    ],
    [
      'the wrong kind',
      { '/srv/backups': '[a]' },
      'lcb.yaml:11:9: projects.retail.environments.prd.backups must be text, not a list.',
    ],
    [
      'a number out of range',
      { 'provider: local': 'limits: {total: 0}' },
      'lcb.yaml:1:10: limits.total must be more than 0.',
    ],
    [
      'a fraction',
      { 'provider: local': 'limits: {total: 1.5}' },
      'lcb.yaml:1:10: limits.total must be a whole number, not a fraction.',
    ],
    [
      'a wrong name',
      { '      prd:': '      Prd_1:' },
      'lcb.yaml:5:7: The name Prd_1 in projects.retail.environments must be lower-case letters, digits and single hyphens, beginning with a letter, not ending with a hyphen.',
    ],
    [
      'too long a name',
      { '      prd:': `      ${'a'.repeat(41)}:` },
      `lcb.yaml:5:7: The name ${'a'.repeat(41)} in projects.retail.environments is longer than 40 characters.`,
    ],
    [
      'names too long together',
      { '      prd:': `      ${'a'.repeat(38)}:` },
      `lcb.yaml:5:7: projects.retail.environments.${'a'.repeat(38)} has too long a name: project and environment may have 40 characters together, not 44.`,
    ],
    [
      'a URL of another kind',
      { 'postgres://liferay@localhost:5432/lportal': 'jdbc:postgresql://x/y' },
      'lcb.yaml:8:11: projects.retail.environments.prd.database.url must look like postgres://user@host:5432/database.',
    ],
    [
      'a password in the URL',
      { 'liferay@': 'liferay:hunter2@' },
      'lcb.yaml:8:11: projects.retail.environments.prd.database.url carries a password; take it out, and name it in `secret`, as env:NAME or file:path.',
    ],
    [
      'a secret instead of its name',
      { 'env:LIFERAY_DB_PASSWORD': 'hunter2' },
      'lcb.yaml:9:11: projects.retail.environments.prd.database.secret must be env:NAME or file:path, never the secret itself.',
    ],
    [
      'another database',
      { 'engine: postgresql': 'engine: oracle' },
      'lcb.yaml:7:11: projects.retail.environments.prd.database.engine must be postgresql or mysql.',
    ],
    [
      'a bucket of another cloud',
      { '/srv/backups': 'gs://bucket' },
      'lcb.yaml:11:9: projects.retail.environments.prd.backups must be a folder or a bucket: a path, relative to lcb.yaml, or a URL such as file:///srv/backups or s3://bucket/prefix.',
    ],
    [
      'backups in the library',
      { '/srv/backups': 'data/document_library/backups' },
      'lcb.yaml:5:7: projects.retail.environments.prd has its library and its backups inside one another; choose a folder for backups outside of the library.',
    ],
    [
      'a mistyped catalog',
      { 'provider: local': 'catalog: embeded' },
      'lcb.yaml:1:1: catalog must be embedded, or look like postgres://user@host:5432/database.',
    ],
    [
      'a catalog with a password',
      { 'provider: local': 'catalog: postgres://lcb:hunter2@db/catalog' },
      'lcb.yaml:1:1: catalog carries a password; take it out, and name it as an object with url and secret.',
    ],
    [
      'a catalog object with another field',
      { 'provider: local': 'catalog: {url: "postgres://lcb@db/catalog", password: x}' },
      'lcb.yaml:1:45: There is no field catalog.password; it may be url or secret.',
    ],
    [
      'a library of the wrong kind',
      { 'data/document_library': '5' },
      'lcb.yaml:10:9: projects.retail.environments.prd.library has the wrong kind of value. The document library to back up: its folder, or an object with location and excludeGeneratedFiles.',
    ],
  ])('%s', (_what, change, sentence) => {
    expect(mistakes(yaml(change))).toEqual([sentence]);
  });

  it('says them all at once, in the order of the file', () => {
    const text = yaml({
      'provider: local': 'provider: aws',
      'library:': 'libary:',
      'postgres://liferay@': 'postgres://liferay:pw@',
    });
    expect(mistakes(text).map((problem) => problem.slice(0, 12))).toEqual([
      'lcb.yaml:1:1',
      'lcb.yaml:8:1',
      'lcb.yaml:10:',
    ]);
  });

  it('an environment with nothing to back up', () => {
    expect(mistakes('projects: {retail: {environments: {prd: {backups: b}}}}')).toEqual([
      'lcb.yaml:1:36: projects.retail.environments.prd declares nothing to back up; add database, library or both.',
    ]);
  });

  it('no environment at all', () => {
    expect(mistakes('projects: {}')).toEqual([
      'lcb.yaml:1:1: projects declares no environment. Declare at least one.',
    ]);
    expect(mistakes('')).toEqual(['lcb.yaml is empty. `lcb --help` shows how a lcb.yaml begins.']);
  });

  it('what is no YAML', () => {
    const [problem, ...others] = mistakes('projects:\n  retail: [\n');
    expect(problem).toMatch(/^lcb\.yaml:3:1: .*\.$/);
    expect(others).toEqual([]);
    expect(mistakes('provider: local\nprovider: local\nprojects: {}')[0]).toMatch(/^lcb\.yaml:2:1: .*unique/);
  });

  it('never repeats what may be a secret', () => {
    const text = yaml({
      'liferay@': 'liferay:hunter2@',
      'env:LIFERAY_DB_PASSWORD': 'hunter2',
      'provider: local': 'catalog: postgres://a:hunter2@b/c',
    });
    expect(mistakes(text)).toHaveLength(3);
    expect(mistakes(text).join('\n')).not.toContain('hunter2');
  });
});

describe('where the file is', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'lcb-config-')));
  const inner = join(folder, 'a/b');
  mkdirSync(inner, { recursive: true });
  writeFileSync(join(folder, 'lcb.yaml'), yaml());
  writeFileSync(join(inner, 'other.yaml'), yaml());
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is this folder or one above', () => {
    expect(loadConfig({ workingDirectory: inner }).baseDirectory).toBe(folder);
  });

  it('is where --config says, before LCB_CONFIG', () => {
    const places = { workingDirectory: inner, option: 'other.yaml', variable: join(folder, 'lcb.yaml') };
    expect(loadConfig(places).baseDirectory).toBe(inner);
    expect(loadConfig({ ...places, option: undefined }).baseDirectory).toBe(folder);
  });

  it('has to exist where it is named', () => {
    const places = { workingDirectory: inner, option: 'missing.yaml' };
    expect(() => loadConfig(places)).toThrow(`${inner}/missing.yaml, which --config names, is not a file.`);
  });
});
