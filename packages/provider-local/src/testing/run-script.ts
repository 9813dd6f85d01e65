import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface ScriptEnd {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
}

/** Starts a TypeScript file beside the test as a process of its own. `url` is relative to `import.meta.url`. */
function startScript(url: URL, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [fileURLToPath(url), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Runs it to its end. */
export async function runScript(url: URL, args: readonly string[]): Promise<ScriptEnd> {
  const child = startScript(url, args);
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const [code, signal]: (number | string | null)[] = await once(child, 'close');
  return {
    code: typeof code === 'number' ? code : null,
    signal: typeof signal === 'string' ? signal : null,
    output: output.trim(),
  };
}
