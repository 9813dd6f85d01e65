import type { Sweep } from '@lcb/core';
import { formatBytes, plural } from '../output/format.ts';
import { runDocument } from '../output/run-document.ts';
import { headline, requestedText } from '../output/run-view.ts';
import { coloured } from '../output/style.ts';
import { details, indented } from '../output/table.ts';

export function sweepDocument(run: Sweep) {
  return { ...runDocument(run), location: run.request.location, result: run.result ?? null };
}

/** A sweep as a person reads it. */
export function sweepView(run: Sweep): string {
  const { result, error, request } = run;
  const facts = details([
    ['Requested', requestedText(run)],
    ['Location', request.location],
    ['Removed', result && `${plural(result.objects, 'object')}, ${formatBytes(result.bytes)}`],
    ['Error', error && coloured('red', error.message)],
  ]);
  const more = result?.isComplete === false ? 'There is more to remove: run lcb sweep again.\n' : '';
  return `${headline(run)}\n${indented(facts)}${more}`;
}
