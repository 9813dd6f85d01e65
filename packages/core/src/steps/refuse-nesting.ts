import { InvalidRequestError } from '../errors/errors.ts';

/**
 * Two locations of which neither may lie inside the other: a backup inside the library would back itself up, a library
 * inside the backups would be swept, a restored library inside another would become part of that one.
 * `what` names both, as in `The library X and the backups Y`.
 */
export function refuseNesting(what: string, one: string, other: string): void {
  const [onePath, otherPath] = [comparable(one), comparable(other)];
  if (onePath.startsWith(otherPath) || otherPath.startsWith(onePath)) {
    throw new InvalidRequestError(
      `${what} lie inside one another: ${one} and ${other}. Choose another location.`,
      'request.nestedLocations',
    );
  }
}

/** Without `..`, percent signs and double slashes, so that two ways to write one place are the same. */
function comparable(location: string): string {
  const url = new URL(location);
  return `${url.protocol}//${url.host}${decodeURIComponent(url.pathname)}/`.replaceAll(/(?<!:)\/+/g, '/');
}
