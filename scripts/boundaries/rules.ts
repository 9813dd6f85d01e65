/** What the packages of the workspace may import. The first rule that fits a package counts. */
export interface Rule {
  /** Folders below the repository that the rule is for. */
  readonly folders: RegExp;
  /** Folders of the packages that its sources may import. */
  readonly mayImport: RegExp;
  /** The same for its tests, beside what the sources may. */
  readonly testsMayImport?: RegExp;
  /** Modules of Node that its sources may not import. */
  readonly noBuiltins?: RegExp;
  /** Said with every breach. */
  readonly why: string;
}

const NOTHING = /^$/;
const CORE = /^packages\/core$/;
const EMBEDDED_POSTGRES = /^packages\/embedded-postgres$/;

export const RULES: readonly Rule[] = [
  {
    folders: CORE,
    mayImport: NOTHING,
    noBuiltins: /^(node:)?(net|tls|dns|dgram|https?|http2|child_process|fs)(\/|$)/,
    why: 'core holds the domain and the ports: no other package, no network, no files, no processes',
  },
  {
    folders: EMBEDDED_POSTGRES,
    mayImport: NOTHING,
    why: 'the embedded server knows nothing of backups',
  },
  {
    folders: /^packages\/database-dump$/,
    mayImport: /^packages\/(core|embedded-postgres)$/,
    why: 'dependencies point inwards; of embedded-postgres it takes the client tools',
  },
  {
    folders: /^packages\/(catalog|workflow-dbos|provider-[^/]+|store-[^/]+)$/,
    mayImport: CORE,
    testsMayImport: EMBEDDED_POSTGRES,
    why: 'dependencies point inwards: these know core alone, and never one another',
  },
  {
    folders: /^functions\/[^/]+$/,
    mayImport: /^packages\/(?!cli$)/,
    why: 'a function composes packages; the command line is not one of them',
  },
  {
    folders: /^packages\/[^/]+$/,
    mayImport: /^(packages\/(?!cli$)|functions\/)/,
    why: 'nothing is built on the command line or on tests',
  },
  {
    folders: /^test$/,
    mayImport: /^(packages|functions)\//,
    why: 'tests see packages and functions',
  },
];
