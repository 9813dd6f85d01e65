/** A table's name without schema, quotes and case: `"lportal"."DLFileEntry"`, `dlfileentry` and `DLFILEENTRY` are one. */
export function plainTableName(marker: string): string {
  const withoutSchema = /(?:^|\.)(?:"((?:[^"]|"")+)"|`((?:[^`]|``)+)`|\[([^\]]+)\]|([^.]+))$/.exec(
    marker.trim(),
  );
  const [, doubleQuoted, backQuoted, bracketed, bare] = withoutSchema ?? [];
  return (
    doubleQuoted?.replaceAll('""', '"') ??
    backQuoted?.replaceAll('``', '`') ??
    bracketed ??
    bare ??
    marker
  ).toLowerCase();
}
