/**
 * Orders keys by their UTF-8 bytes, which is the order of code points, as object stores list them. JavaScript's own
 * comparison goes by UTF-16 units and puts U+FFxx after the surrogates of everything beyond U+FFFF.
 * @returns negative, zero or positive
 */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const unitA = a.charCodeAt(index);
    const unitB = b.charCodeAt(index);
    if (unitA !== unitB) return codePointOrder(unitA) - codePointOrder(unitB);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all others of one unit. */
function codePointOrder(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
