/** `` `name` `` */
export function quoteIdentifier(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** `` `schema`.`table` `` */
export function quoteName(schema: string, name: string): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/** For sessions of ours, whose `sql_mode` gives the backslash its meaning. */
export function quoteLiteral(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
}
