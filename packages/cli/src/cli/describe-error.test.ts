import {
  CancelledError,
  EnvironmentBusyError,
  InvalidRequestError,
  LcbError,
  NotFoundError,
} from '@lcb/core';
import { expect, it } from 'vitest';
import { UsageError } from '../usage-error.ts';
import { describeError } from './describe-error.ts';

class ForeignError extends Error {
  readonly code = 'postgres.toolsMissing';
}

it.each([
  [new UsageError(['one', 'two']), 2, 'input.invalid'],
  [new InvalidRequestError('x'), 2, 'request.invalid'],
  [new InvalidRequestError('x', 'request.changed'), 4, 'request.changed'],
  [new NotFoundError('x'), 3, 'notFound'],
  [new EnvironmentBusyError('x'), 4, 'environment.busy'],
  [new CancelledError('x'), 5, 'run.cancelled'],
  [new LcbError({ code: 'catalog.unavailable', message: 'x', retryable: true }), 1, 'catalog.unavailable'],
  [new LcbError({ code: 'internal', message: 'x' }), 70, 'internal'],
  [new ForeignError('x'), 1, 'postgres.toolsMissing'],
  [new TypeError('x'), 70, 'internal'],
  ['thrown', 70, 'internal'],
])('%s: exit %i', async (thrown, exitCode, code) => {
  expect(await describeError(thrown)).toMatchObject({ exitCode, code });
});
