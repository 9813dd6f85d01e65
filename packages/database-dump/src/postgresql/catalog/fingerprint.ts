import { z } from 'zod';
import type { Session } from '../connection/session.ts';

interface Kind {
  /** A table of the system catalog, or several joined, whose rows are those of the kind. */
  readonly from: string;
  /** What of a row only a definition changes: nothing that VACUUM, ANALYZE, a grant or a write touches. */
  readonly columns: string;
  /** The schema that a row belongs to, where there is one. */
  readonly schema?: string;
}

/** Of a relation: what is in a schema that is left out, or temporary, does not count. */
const ofRelation = (relation: string) =>
  `JOIN pg_class r ON r.oid = ${relation} JOIN pg_namespace n ON n.oid = r.relnamespace`;

/** The server may reset these to false on its own, or set them with the next VACUUM: relhasindex, relhasrules, …. */
const KINDS: readonly Kind[] = [
  { from: 'pg_namespace n', columns: 'n.oid, n.nspname', schema: 'n' },
  {
    from: 'pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace',
    columns:
      'c.oid, c.relname, c.relnamespace, c.reltype, c.reloftype, c.relam, c.relpersistence, c.relkind, c.relnatts, c.relchecks, c.relrowsecurity, c.relforcerowsecurity, c.relreplident, c.relispartition, c.reloptions, c.relpartbound',
    schema: 'n',
  },
  {
    from: `pg_attribute a ${ofRelation('a.attrelid')} AND a.attnum > 0`,
    columns:
      'a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.atthasdef, a.attidentity, a.attgenerated, a.attisdropped, a.attislocal, a.attinhcount, a.attcollation, a.attstorage, a.attoptions, a.attfdwoptions',
    schema: 'n',
  },
  {
    from: `pg_attrdef d ${ofRelation('d.adrelid')}`,
    columns: 'd.oid, d.adrelid, d.adnum, d.adbin',
    schema: 'n',
  },
  {
    from: 'pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace',
    columns:
      'c.oid, c.conname, c.contype, c.condeferrable, c.condeferred, c.convalidated, c.conrelid, c.contypid, c.conindid, c.confrelid, c.confupdtype, c.confdeltype, c.confmatchtype, c.conkey, c.confkey, c.conbin',
    schema: 'n',
  },
  {
    from: `pg_index i ${ofRelation('i.indexrelid')}`,
    columns:
      'i.indexrelid, i.indrelid, i.indisunique, i.indisprimary, i.indisexclusion, i.indisclustered, i.indisvalid, i.indisreplident, i.indkey, i.indcollation, i.indclass, i.indoption, i.indexprs, i.indpred',
    schema: 'n',
  },
  {
    from: `pg_inherits i ${ofRelation('i.inhrelid')}`,
    columns: 'i.inhrelid, i.inhparent, i.inhseqno',
    schema: 'n',
  },
  {
    from: 'pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace',
    columns:
      'p.oid, p.proname, p.prolang, p.procost, p.prorows, p.prosupport, p.prokind, p.prosecdef, p.proleakproof, p.proisstrict, p.proretset, p.provolatile, p.proparallel, p.prorettype, p.proargtypes, p.proallargtypes, p.proargmodes, p.proargnames, p.proargdefaults, p.prosrc, p.probin, p.proconfig',
    schema: 'n',
  },
  {
    from: `pg_trigger t ${ofRelation('t.tgrelid')}`,
    columns:
      't.oid, t.tgrelid, t.tgname, t.tgfoid, t.tgtype, t.tgenabled, t.tgconstraint, t.tgdeferrable, t.tginitdeferred, t.tgattr, t.tgargs, t.tgqual',
    schema: 'n',
  },
  {
    from: 'pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace',
    columns:
      't.oid, t.typname, t.typtype, t.typrelid, t.typelem, t.typbasetype, t.typtypmod, t.typnotnull, t.typcollation, t.typdefault',
    schema: 'n',
  },
  {
    from: 'pg_enum e JOIN pg_type t ON t.oid = e.enumtypid JOIN pg_namespace n ON n.oid = t.typnamespace',
    columns: 'e.oid, e.enumtypid, e.enumsortorder, e.enumlabel',
    schema: 'n',
  },
  {
    from: `pg_rewrite w ${ofRelation('w.ev_class')}`,
    columns: 'w.oid, w.rulename, w.ev_class, w.ev_type, w.ev_enabled, w.is_instead, w.ev_qual, w.ev_action',
    schema: 'n',
  },
  {
    from: `pg_policy p ${ofRelation('p.polrelid')}`,
    columns: 'p.oid, p.polname, p.polrelid, p.polcmd, p.polpermissive, p.polqual, p.polwithcheck',
    schema: 'n',
  },
  {
    from: `pg_sequence s ${ofRelation('s.seqrelid')}`,
    columns: 's.seqrelid, s.seqtypid, s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcache, s.seqcycle',
    schema: 'n',
  },
  {
    from: 'pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace',
    columns: 's.oid, s.stxrelid, s.stxname, s.stxkeys, s.stxkind',
    schema: 'n',
  },
  {
    from: 'pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace',
    columns: 'o.oid, o.oprname, o.oprleft, o.oprright, o.oprcode',
    schema: 'n',
  },
  {
    from: 'pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace',
    columns: 'c.oid, c.collname',
    schema: 'n',
  },
  {
    from: 'pg_opclass o JOIN pg_namespace n ON n.oid = o.opcnamespace',
    columns: 'o.oid, o.opcname',
    schema: 'n',
  },
  {
    from: 'pg_ts_config c JOIN pg_namespace n ON n.oid = c.cfgnamespace',
    columns: 'c.oid, c.cfgname',
    schema: 'n',
  },
  { from: 'pg_extension x', columns: 'x.oid, x.extname, x.extnamespace, x.extversion' },
  { from: 'pg_event_trigger e', columns: 'e.oid, e.evtname, e.evtevent, e.evtfoid, e.evtenabled, e.evttags' },
  { from: 'pg_cast c', columns: 'c.oid, c.castsource, c.casttarget, c.castfunc, c.castcontext' },
  { from: 'pg_foreign_server s', columns: 's.oid, s.srvname, s.srvfdw, s.srvoptions' },
];

/**
 * What tells whether anything was defined otherwise in the meantime: two of them that are equal mean that every table, index, function,
 * view, trigger and the like is as it was. Writes, VACUUM, ANALYZE, temporary tables, grants and comments change nothing of it.
 *
 * Sums of hashes of rows, so that the server need not sort them; nothing of a row is evaluated.
 *
 * @param leftOut schemas that do not count.
 */
export async function readFingerprint(session: Session, leftOut: readonly string[]): Promise<string> {
  const sums = KINDS.map(({ from, columns, schema }) => {
    const chosen =
      schema === undefined ? '' : `WHERE ${schema}.nspname !~ '^pg_' AND ${schema}.nspname <> ALL ($1)`;
    return `(SELECT pg_catalog.count(*) || ':' || coalesce(sum(hashtextextended(ROW(${columns})::text, 0)::numeric), 0) FROM ${from} ${chosen})`;
  });
  const { fingerprint } = await session.one(
    z.object({ fingerprint: z.string() }),
    `SELECT concat_ws(' ', ${sums.join(', ')}) AS fingerprint`,
    [leftOut],
  );
  return fingerprint;
}
