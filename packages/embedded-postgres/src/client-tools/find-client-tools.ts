import type { ClientTools, FoundTools } from './client-tools.ts';
import { toolsInFolder } from './client-tools.ts';
import { chosenFolder, toolFolders } from './tool-folders.ts';

/**
 * The client tools on this machine that fit a server best, or undefined when none do. Nothing is downloaded.
 *
 * Tools in the folder `LCB_PG_BIN` are taken unless they are older than the server. Else the server's own major goes first,
 * then the lowest newer one: `pg_dump` refuses a server that is newer than itself. Among equals the order of the folders decides
 * (`PATH`, those of the known packages, the cache), and programs go before scripts that choose a version by themselves.
 *
 * @param options.serverMajor Such as 15.
 */
export async function findClientTools(options: {
  readonly serverMajor: number;
}): Promise<ClientTools | undefined> {
  const chosen = chosenFolder();
  const chosenTools = chosen && (await toolsInFolder(chosen));
  if (chosenTools && chosenTools.major >= options.serverMajor) return chosenTools;
  return bestFit(await allTools(), options.serverMajor);
}

/** All client tools on this machine, in the order of the folders. */
export async function allTools(): Promise<FoundTools[]> {
  const found = await Promise.all((await toolFolders()).map(toolsInFolder));
  return found.filter((tools) => tools !== undefined);
}

/** The tools that fit a server of a major best; undefined when all are older. */
export function bestFit<T extends FoundTools>(tools: readonly T[], serverMajor: number): T | undefined {
  return tools
    .filter((one) => one.major >= serverMajor)
    .sort((a, b) => a.major - b.major || Number(a.isWrapper) - Number(b.isWrapper))[0];
}
