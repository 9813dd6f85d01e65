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

/** True for a relation that an extension brings and whose content is the user's (`pg_extension_config_dump`). */
export function isConfiguration(oid: string): string {
  return `EXISTS (SELECT FROM pg_extension x WHERE ${oid} = ANY (x.extconfig))`;
}
