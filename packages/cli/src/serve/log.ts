import type { Json } from '@lcb/core';
import type { OwnerEvent } from '@lcb/functions-local';
import { writeEvent } from '../output/output.ts';

/** One line of the log for what happened in the engine. */
export function logOwnerEvent(event: OwnerEvent): void {
  // Asking how a long operation does comes every few seconds and says nothing.
  if (event.kind === 'step' && event.step.endsWith('.poll')) return;
  const [name, fields] = described(event);
  writeEvent(name, fields);
}

function described(event: OwnerEvent): [name: string, fields: Readonly<Record<string, unknown>>] {
  switch (event.kind) {
    case 'step':
      return [`step.${event.phase}`, { runId: event.runId, step: event.step, ...numbersOf(event.input) }];
    case 'event': {
      const { type, id, source, subject } = event.event;
      return ['cloudevent', { type, id, source, subject }];
    }
    case 'problem':
      return ['problem', { message: event.message }];
  }
}

/** Which attempt, shard or part a step is about; the rest of its input is long, and in the catalog. */
function numbersOf(input: Json): Record<string, number> {
  if (typeof input !== 'object' || input === null) return {};
  return Object.fromEntries(
    Object.entries(input).filter((field): field is [string, number] => typeof field[1] === 'number'),
  );
}
