/**
 * One line for the person who waits. Standard output belongs to the program that is started.
 *
 * @param {string} line
 */
export function say(line) {
  process.stderr.write(`setup: ${line}\n`);
}
