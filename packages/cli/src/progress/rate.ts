const windowSeconds = 5;

/** Bytes per second over the last few seconds, from how many were done when. */
export class Rate {
  #samples: { readonly seconds: number; readonly bytes: number }[] = [];

  /** @returns undefined until two different moments are known */
  add(seconds: number, bytes: number): number | undefined {
    // Work that was begun anew counts from there.
    if (bytes < (this.#samples.at(-1)?.bytes ?? 0)) this.#samples = [];
    this.#samples.push({ seconds, bytes });
    while (this.#samples.length > 2 && (this.#samples[1]?.seconds ?? seconds) <= seconds - windowSeconds)
      this.#samples.shift();
    const [first] = this.#samples;
    if (first === undefined || seconds <= first.seconds) return undefined;
    return (bytes - first.bytes) / (seconds - first.seconds);
  }
}
