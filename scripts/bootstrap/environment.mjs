import { delimiter, dirname } from 'node:path';

/**
 * This process's environment, in which `node` is the given one.
 *
 * @param {string} node Path of Node.
 * @returns {NodeJS.ProcessEnv}
 */
export function environmentWith(node) {
  return { ...process.env, PATH: [dirname(node), process.env.PATH].filter(Boolean).join(delimiter) };
}
