/** Printable ASCII, of which a guess consists: any store takes it, and its order is that of its bytes. */
const lowest = 0x20;
const base = 95n;
const digits = 10;

/**
 * A guess at the key that comes `factor` times as far behind `last` as `last` comes behind `first`, as if keys were numbers and evenly
 * spread, which within a folder of Liferay's they nearly are. A wrong guess does no harm: it only has to be greater than `last`.
 * @returns `undefined` where there is nothing to go by
 */
export function keyAhead(first: string, last: string, factor: number): string | undefined {
  let common = 0;
  while (common < first.length && first[common] === last[common]) common += 1;
  const from = numberAt(first, common);
  const to = numberAt(last, common);
  const guess = to + (to - from) * BigInt(factor);
  if (to <= from || guess >= base ** BigInt(digits)) return undefined;
  return last.slice(0, common) + textOf(guess);
}

function numberAt(key: string, position: number): bigint {
  let number = 0n;
  for (let at = position; at < position + digits; at += 1) {
    const code = at < key.length ? key.charCodeAt(at) : lowest;
    number = number * base + BigInt(Math.min(Math.max(code, lowest), lowest + Number(base) - 1) - lowest);
  }
  return number;
}

function textOf(number: bigint): string {
  let text = '';
  for (let rest = number; text.length < digits; rest /= base)
    text = String.fromCharCode(lowest + Number(rest % base)) + text;
  return text.trimEnd();
}
