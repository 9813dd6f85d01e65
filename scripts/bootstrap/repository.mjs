import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the checkout. */
export const REPOSITORY = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Where Node and pnpm are put. Git ignores it. */
export const TOOLS = join(REPOSITORY, '.tools');
