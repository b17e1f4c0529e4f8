// A waveform reduced to columns of a picture; pure.

/** Lowest and highest of peaks (pairs of int8 every `hop` samples) for each of `columns` between two times, ±1. */
export function columnsOf(
  peaks: Int8Array,
  {
    hop,
    sampleRate,
    startS,
    endS,
    columns,
  }: {
    hop: number;
    sampleRate: number;
    startS: number;
    endS: number;
    columns: number;
  },
): Float32Array {
  const found = new Float32Array(2 * columns);
  const perColumn = ((endS - startS) * sampleRate) / hop / columns;
  const first = (startS * sampleRate) / hop;
  const count = peaks.length / 2;
  for (let column = 0; column < columns; column++) {
    const from = Math.floor(first + column * perColumn);
    const to = Math.max(from + 1, Math.floor(first + (column + 1) * perColumn));
    let [low, high] = [127, -127];
    for (let i = Math.max(from, 0); i < Math.min(to, count); i++) {
      low = Math.min(low, peaks[2 * i] as number);
      high = Math.max(high, peaks[2 * i + 1] as number);
    }
    if (high >= low) {
      found[2 * column] = low / 127;
      found[2 * column + 1] = high / 127;
    }
  }
  return found;
}

/** The largest magnitude, to draw quiet recordings as large as loud ones. */
export function largest(peaks: Int8Array): number {
  let most = 1;
  for (const value of peaks) most = Math.max(most, Math.abs(value));
  return most / 127;
}
