/**
 * Conditions on the system catalogs that say what belongs to the environment, as `pg_dump` decides it
 * (`selectDumpableNamespace` and `checkExtensionMembership` in its source).
 */

/** Schemas that are not PostgreSQL's own; `n` is `pg_namespace`. */
export const isUserSchema = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;

/** True for what an extension made and will make again. @param catalog such as `pg_class`. @param oid its column. */
export function isOfExtension(catalog: string, oid: string): string {
  return `EXISTS (SELECT FROM pg_depend d WHERE d.classid = '${catalog}'::regclass AND d.objid = ${oid}
    AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e')`;
}
