/** Owns every object of the schema; used by migrations alone. */
export const ownerRole = 'lcb_owner';
/** What acts for one project: sees its rows and no others. */
export const appRole = 'lcb_app';
/** What acts across projects: admission, leases, delivery of events. */
export const platformRole = 'lcb_platform';
export const catalogRoles = [ownerRole, appRole, platformRole] as const;

export const catalogSchema = 'lcb';
/** The transaction-local setting that says which project's rows {@link appRole} sees. */
export const tenantSetting = 'lcb.project_id';
