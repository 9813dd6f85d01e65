/** `SHOW CREATE TABLE`, taken apart: what one line of it says about one part of the table. */
export interface TableParts {
  /** Options, the order of columns, and whatever has no name of its own. */
  readonly table: string;
  readonly columns: ReadonlyMap<string, string>;
  readonly indexes: ReadonlyMap<string, string>;
  readonly constraints: ReadonlyMap<string, string>;
  /** The next number of the automatic counter, where there is one and it has been used. */
  readonly counter: string | undefined;
}

const NAME = '`((?:[^`]|``)+)`';
const COLUMN = new RegExp(`^${NAME} (.*)$`, 's');
const INDEX = new RegExp(`^(?:UNIQUE |FULLTEXT |SPATIAL )?(?:KEY|INDEX) ${NAME}`);
const CONSTRAINT = new RegExp(`^CONSTRAINT ${NAME}`);
const COUNTER = / AUTO_INCREMENT=(\d+)/;

/** Every part of a definition is a line of its own, indented by two spaces; texts inside have their line breaks escaped. */
export function tableParts(createTable: string): TableParts {
  const [, ...lines] = createTable.split('\n  ');
  const end = createTable.lastIndexOf('\n)');
  const options = createTable.slice(end + 1);
  const columns = new Map<string, string>();
  const indexes = new Map<string, string>();
  const constraints = new Map<string, string>();
  const rest: string[] = [];
  for (const line of lines) {
    const part = line.replace(/\n\).*$/s, '').replace(/,$/, '');
    const column = COLUMN.exec(part);
    const index = INDEX.exec(part);
    const constraint = CONSTRAINT.exec(part);
    if (column) columns.set(column[1] ?? '', column[2] ?? '');
    else if (part.startsWith('PRIMARY KEY')) indexes.set('PRIMARY', part);
    else if (index) indexes.set(index[1] ?? '', part);
    else if (constraint) constraints.set(constraint[1] ?? '', part);
    else rest.push(part);
  }
  return {
    table: [options.replace(COUNTER, ''), `columns ${[...columns.keys()].join(', ')}`, ...rest].join('; '),
    columns,
    indexes,
    constraints,
    counter: COUNTER.exec(options)?.[1],
  };
}
