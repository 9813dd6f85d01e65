import type { ErrorRecord } from '../errors/lcb-error.ts';
import type { Certificate } from './certificate.ts';
import { findingKinds } from './finding.ts';

/** What is wrong with a pair that the backup itself has spoilt; undefined where it has not. */
export function inconsistency(
  certificate: Pick<Certificate, 'verdict' | 'counts' | 'first'>,
): ErrorRecord | undefined {
  const { verdict, counts, first } = certificate;
  if (verdict !== 'inconsistent') return undefined;
  const example = findingKinds.flatMap((kind) => first[kind] ?? []).find(({ blame }) => blame === 'backup');
  const such = example === undefined ? '' : `, such as ${JSON.stringify(example.key)}`;
  const objects = counts.introduced === 1 ? '1 object' : `${counts.introduced} objects`;
  const was = counts.introduced === 1 ? 'was' : 'were';
  return {
    code: 'consistency.inconsistent',
    message: `Database and library do not fit together: ${objects} ${was} deleted, replaced or not listed at the source while the backup ran${such}.`,
    // The same again at another moment may well fit.
    retryable: true,
  };
}

/** The same once no attempt is left: both units are sealed, and the pair is not called fitting. */
export function sealedMisfit(problem: ErrorRecord): ErrorRecord {
  return {
    ...problem,
    message: `${problem.message} Each unit is good by itself and can be restored alone (--units); the two are not restored as one.`,
    retryable: false,
  };
}
