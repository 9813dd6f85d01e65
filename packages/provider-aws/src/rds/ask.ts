import { LcbError } from '@lcb/core';
import { rdsError } from './rds-error.ts';

/** Makes a request; its errors become ours. @param what see {@link rdsError} */
export async function ask<T>(what: string, request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    throw rdsError(what, error);
  }
}

/** The same, with `undefined` for what RDS does not know. */
export async function askIfThere<T>(what: string, request: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask(what, request);
  } catch (error) {
    if (LcbError.isInstance(error) && error.code === 'rds.notFound') return undefined;
    throw error;
  }
}

/** The same as `ask`, with `undefined` where something of the target's name exists already. */
export async function askUnlessThere<T>(what: string, request: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask(what, request);
  } catch (error) {
    if (LcbError.isInstance(error) && error.code === 'rds.alreadyExists') return undefined;
    throw error;
  }
}
