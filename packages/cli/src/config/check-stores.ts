import type { Config } from './config-schema.ts';
import { fieldName, type Mistake } from './explain-issue.ts';

/** What no single field shows: half of a pair of keys, two entries about one location. */
export function checkStores({ stores }: Config): Mistake[] {
  return stores.flatMap((store, index) => {
    const path = ['stores', index];
    const problems: string[] = [];
    const { location, accessKeyId, secretAccessKey, sessionToken } = store;
    if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
      problems.push('names only one of accessKeyId and secretAccessKey; name both, or none');
    } else if (sessionToken !== undefined && accessKeyId === undefined) {
      problems.push('names a sessionToken without accessKeyId and secretAccessKey');
    }
    const first = stores.findIndex((other) => other.location === location);
    if (first < index)
      problems.push(`is about ${location}, as ${fieldName(['stores', first])} is; keep one of them`);
    return problems.map((problem) => ({ path, sentence: `${fieldName(path)} ${problem}.` }));
  });
}
