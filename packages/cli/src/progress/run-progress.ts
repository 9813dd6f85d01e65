import type { Run } from '@lcb/core';
import { writeEvent } from '../output/output.ts';
import { canRedraw, LiveArea } from './live-area.ts';
import { RunLines } from './run-lines.ts';

/** Shows a run while it is waited for: on standard error, as bars on a terminal and as JSON lines otherwise. */
export interface RunProgress {
  update(run: Run): void;
  notice(message: string): void;
  /** Leaves the terminal as it was. */
  end(): void;
}

export function openRunProgress(stream: NodeJS.WriteStream = process.stderr): RunProgress {
  return canRedraw(stream) ? barProgress(stream) : jsonProgress();
}

function barProgress(stream: NodeJS.WriteStream): RunProgress {
  const began = performance.now();
  const area = new LiveArea(stream);
  const lines = new RunLines();
  let shown: readonly string[] = [];
  return {
    update(run) {
      shown = lines.of(run, (performance.now() - began) / 1000);
      area.draw(shown);
    },
    notice(message) {
      area.print(message);
      area.draw(shown);
    },
    end: () => area.clear(),
  };
}

/** One line per change: what did not change since is not said again. */
function jsonProgress(): RunProgress {
  let last = '';
  return {
    update({ runId: id, state, units, cancelRequested }) {
      const fields = { id, state, units, cancelRequested };
      const now = JSON.stringify(fields);
      if (now !== last) writeEvent('progress', fields);
      last = now;
    },
    notice: (message) => writeEvent('notice', { message }),
    end: () => undefined,
  };
}
