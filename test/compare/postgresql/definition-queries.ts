import type { DefinitionKind } from '../report.ts';

/** PostgreSQL has no events. */
export type PostgresqlKind = Exclude<DefinitionKind, 'event'>;

/** Schemas that belong to PostgreSQL itself. */
const USER_SCHEMA = `n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`;

/** Members of an extension come and go with it; the extension itself is compared. */
const notOfExtension = (catalog: string, oid: string) =>
  `not exists (select 1 from pg_depend d where d.classid = '${catalog}'::regclass and d.objid = ${oid} and d.deptype = 'e')`;

const relation = (relkinds: string) =>
  `${USER_SCHEMA} and c.relkind in (${relkinds}) and ${notOfExtension('pg_class', 'c.oid')}`;

const RELATION_NAME = `n.nspname || '.' || c.relname`;

/**
 * One query for each kind of definition; each gives a unique `name` and the `definition` in PostgreSQL's words.
 * Owners and privileges are left out: a restore elsewhere rightly changes them.
 */
export const DEFINITION_QUERIES: Readonly<Record<PostgresqlKind, string>> = {
  extension: `select extname as name, extversion as definition from pg_extension`,

  schema: `select n.nspname as name, '' as definition from pg_namespace n where ${USER_SCHEMA}`,

  table: `
    select ${RELATION_NAME} as name,
      concat_ws('; ',
        format('kind %s', c.relkind), format('persistence %s', c.relpersistence), pg_get_partkeydef(c.oid),
        pg_get_expr(c.relpartbound, c.oid),
        format('row security %s, forced %s', c.relrowsecurity, c.relforcerowsecurity),
        format('replica identity %s', c.relreplident), array_to_string(c.reloptions, ','),
        'columns ' || (select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
                       where attrelid = c.oid and attnum > 0 and not attisdropped)
      ) as definition
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where ${relation(`'r', 'p', 'f', 'm'`)}`,

  column: `
    select ${RELATION_NAME} || '.' || a.attname as name,
      concat_ws(' ',
        format_type(a.atttypid, a.atttypmod),
        case when a.attcollation <> t.typcollation then format('collate %s', a.attcollation::regcollation) end,
        case when a.attnotnull then 'not null' end,
        case when a.attgenerated <> '' then 'generated' when f.adbin is not null then 'default' end,
        pg_get_expr(f.adbin, f.adrelid),
        case a.attidentity when 'a' then 'identity always' when 'd' then 'identity by default' end
      ) as definition
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid
    join pg_namespace n on n.oid = c.relnamespace
    join pg_type t on t.oid = a.atttypid
    left join pg_attrdef f on f.adrelid = a.attrelid and f.adnum = a.attnum
    where a.attnum > 0 and not a.attisdropped and ${relation(`'r', 'p', 'f', 'm', 'v', 'c'`)}`,

  index: `
    select n.nspname || '.' || i.relname as name,
      pg_get_indexdef(x.indexrelid) || case when x.indisvalid then '' else ' (invalid)' end as definition
    from pg_index x
    join pg_class i on i.oid = x.indexrelid
    join pg_class c on c.oid = x.indrelid
    join pg_namespace n on n.oid = c.relnamespace
    where ${relation(`'r', 'p', 'm'`)}`,

  // Not-null constraints have names since PostgreSQL 18; the columns say the same on every version.
  constraint: `
    select ${RELATION_NAME} || '.' || k.conname as name, pg_get_constraintdef(k.oid) as definition
    from pg_constraint k
    join pg_class c on c.oid = k.conrelid
    join pg_namespace n on n.oid = c.relnamespace
    where k.contype <> 'n' and ${relation(`'r', 'p', 'f'`)}`,

  view: `
    select ${RELATION_NAME} as name, format('kind %s; %s', c.relkind, pg_get_viewdef(c.oid)) as definition
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where ${relation(`'v', 'm'`)}`,

  sequence: `
    select ${RELATION_NAME} as name,
      format('%s start %s increment %s minimum %s maximum %s cache %s cycle %s owned by %s',
        s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle,
        coalesce((select format('%s.%I', d.refobjid::regclass, o.attname)
                  from pg_depend d join pg_attribute o on o.attrelid = d.refobjid and o.attnum = d.refobjsubid
                  where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype in ('a', 'i')
                    and d.refclassid = 'pg_class'::regclass), 'nothing')) as definition
    from pg_sequence s
    join pg_class c on c.oid = s.seqrelid
    join pg_namespace n on n.oid = c.relnamespace
    where ${relation(`'S'`)}`,

  rule: `
    select ${RELATION_NAME} || '.' || r.rulename as name,
      format('%s %s', r.ev_enabled, pg_get_ruledef(r.oid)) as definition
    from pg_rewrite r
    join pg_class c on c.oid = r.ev_class
    join pg_namespace n on n.oid = c.relnamespace
    where r.rulename <> '_RETURN' and ${relation(`'r', 'p', 'v'`)}`,

  trigger: `
    select ${RELATION_NAME} || '.' || g.tgname as name, format('%s %s', g.tgenabled, pg_get_triggerdef(g.oid)) as definition
    from pg_trigger g
    join pg_class c on c.oid = g.tgrelid
    join pg_namespace n on n.oid = c.relnamespace
    where not g.tgisinternal and ${relation(`'r', 'p', 'v', 'f'`)}`,

  function: `
    select n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' as name,
      case when p.prokind = 'a' then 'aggregate' else pg_get_functiondef(p.oid) end as definition
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where ${USER_SCHEMA} and ${notOfExtension('pg_proc', 'p.oid')}`,

  type: `
    select n.nspname || '.' || t.typname as name,
      concat_ws(' ', format('kind %s', t.typtype),
        case when t.typtype = 'd' then format_type(t.typbasetype, t.typtypmod) end,
        case when t.typnotnull then 'not null' end, t.typdefault,
        (select string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid),
        (select string_agg(pg_get_constraintdef(k.oid), ', ' order by k.conname) from pg_constraint k
         where k.contypid = t.oid and k.contype <> 'n')
      ) as definition
    from pg_type t join pg_namespace n on n.oid = t.typnamespace
    where ${USER_SCHEMA} and t.typtype in ('d', 'e', 'r') and ${notOfExtension('pg_type', 't.oid')}`,

  comment: `
    select ${RELATION_NAME} || coalesce('.' || a.attname, '') as name, m.description as definition
    from pg_description m
    join pg_class c on m.classoid = 'pg_class'::regclass and c.oid = m.objoid
    join pg_namespace n on n.oid = c.relnamespace
    left join pg_attribute a on a.attrelid = c.oid and a.attnum = m.objsubid and m.objsubid > 0
    where ${USER_SCHEMA} and ${notOfExtension('pg_class', 'c.oid')}`,
};
