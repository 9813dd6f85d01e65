import type { AuditProblem } from '@lcb/core';

/** What was found in a chain, in words. */
export function auditProblemText({ kind, sequence }: AuditProblem): string {
  switch (kind) {
    case 'changed':
      return `Entry ${sequence} was changed: its hash does not fit what it says and what came before it.`;
    case 'missing':
      return `Entry ${sequence} is missing, and perhaps more after it.`;
    case 'reordered':
      return `Entry ${sequence} stands where another one has to be: the entries were put into another order.`;
    case 'cutOff':
      return `The chain ends before entry ${sequence}, but a later head of it was signed: its end was cut off.`;
    case 'rewritten':
      return `Entry ${sequence} is not the one whose hash was signed at the time: the chain was computed anew.`;
  }
}
