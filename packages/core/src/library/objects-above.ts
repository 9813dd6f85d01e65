/**
 * Finds, of keys that come in sorted order, those that lie below another object's key as in a folder: of `a`, `a-b`, `a/c` the last one.
 * Between `a` and `a/…` come only keys that begin with `a`, so no more is kept than the keys that the present one begins with.
 * @returns the nearest such key, or `undefined`
 */
export function objectsAbove(): (key: string) => string | undefined {
  let beginnings: string[] = [];
  return (key) => {
    beginnings = beginnings.filter((beginning) => key.startsWith(beginning));
    const above = beginnings.findLast((beginning) => key.startsWith(`${beginning}/`));
    beginnings.push(key);
    return above;
  };
}
