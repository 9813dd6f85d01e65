import { styleText } from 'node:util';
import type { Check, State, UnitStatus } from '@lcb/core';

type Colour = Parameters<typeof styleText>[0];
/** Where the text will be shown: coloured only on a terminal, and as `NO_COLOR` and `FORCE_COLOR` say. */
type Target = NodeJS.WriteStream;

export function coloured(colour: Colour, text: string, stream: Target = process.stdout): string {
  return styleText(colour, text, { stream });
}

const colourOfState: Readonly<Record<State | UnitStatus['state'], Colour>> = {
  Pending: 'gray',
  InProgress: 'cyan',
  Validating: 'cyan',
  Succeeded: 'green',
  Failed: 'red',
  Cancelled: 'yellow',
  Skipped: 'gray',
};

export function stateText(state: State | UnitStatus['state'], stream?: Target): string {
  return coloured(colourOfState[state], state, stream);
}

export function okText(ok: boolean): string {
  return ok ? coloured('green', 'ok') : coloured('red', 'FAILED');
}

/** Of a check: one that only warns is not failed. */
export function checkText(check: Pick<Check, 'ok' | 'severity'>): string {
  return !check.ok && check.severity === 'warns' ? coloured('yellow', 'warning') : okText(check.ok);
}
